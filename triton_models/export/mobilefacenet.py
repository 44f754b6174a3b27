"""MobileFaceNet (Chen et al., CCBR 2018), in the widths and with the names that insightface's training uses."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn

MARK = "layers.0.layers.0.weight"
LAST_CHANNELS = 512
FACE_CELLS = 7
"""Side of the last feature map: 112 px halved four times."""


class Chain(nn.Module):
    """Modules one after the other, on request around a shortcut."""

    def __init__(self, *modules: nn.Module, shortcut: bool = False) -> None:
        super().__init__()
        self.layers = nn.Sequential(*modules)
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The output of the last module, plus the input where there is a shortcut."""
        changed = self.layers(x)
        return torch.add(changed, x) if self.shortcut else torch.as_tensor(changed)


def convolution(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True) -> Chain:
    """Convolution and normalisation, and PReLU where it acts; without padding where the kernel covers the whole map."""
    padding = 0 if kernel == FACE_CELLS else kernel // 2
    core = nn.Conv2d(before, after, kernel, stride, padding, groups=groups, bias=False)
    return Chain(core, nn.BatchNorm2d(after), *([nn.PReLU(after)] if act else []))


def bottleneck(before: int, after: int, inside: int, stride: int) -> Chain:
    """Widen, convolve each channel by itself, narrow again without activation."""
    return Chain(
        convolution(before, inside, 1),
        convolution(inside, inside, 3, stride, groups=inside),
        convolution(inside, after, 1, act=False),
        shortcut=stride == 1,
    )


def bottlenecks(channels: int, inside: int, count: int) -> Chain:
    """Several bottlenecks that keep size and width."""
    return Chain(*(bottleneck(channels, channels, inside, stride=1) for _ in range(count)))


class MobileFaceNet(nn.Module):
    """A face of 112×112 px → its embedding, not normalised.

    Args:
        width: channels of the first half.
        counts: bottlenecks of the four stages; 1 in the first stands for one convolution of 64 groups instead.
        embedding: numbers that describe a face.
    """

    def __init__(self, width: int, counts: tuple[int, int, int, int], embedding: int) -> None:
        super().__init__()
        self.embedding = embedding
        first = convolution(width, width, 3, groups=64) if counts[0] == 1 else bottlenecks(width, 128, counts[0])
        self.layers = nn.ModuleList([
            convolution(3, width, 3, stride=2),
            first,
            bottleneck(width, width, 128, stride=2),
            bottlenecks(width, 128, counts[1]),
            bottleneck(width, 2 * width, 256, stride=2),
            bottlenecks(2 * width, 256, counts[2]),
            bottleneck(2 * width, 2 * width, 512, stride=2),
            bottlenecks(2 * width, 256, counts[3]),
        ])  # fmt: skip
        self.conv_sep = convolution(2 * width, LAST_CHANNELS, 1)
        self.features = Chain(
            convolution(LAST_CHANNELS, LAST_CHANNELS, FACE_CELLS, groups=LAST_CHANNELS, act=False),
            nn.Flatten(),
            nn.Linear(LAST_CHANNELS, embedding, bias=False),
            nn.BatchNorm1d(embedding),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 3, 112, 112) → (N, embedding)."""
        x: Any = pixels
        for layer in self.layers:
            x = layer(x)
        return torch.as_tensor(self.features(self.conv_sep(x)))


def from_weights(weights: dict[str, torch.Tensor]) -> tuple[str, MobileFaceNet]:
    """Name and network of the width and depth that these weights have; the weights themselves aren't loaded yet."""
    counts = (_count(weights, 1), _count(weights, 3), _count(weights, 5), _count(weights, 7))
    embedding = len(weights["features.layers.3.running_mean"])
    return "mobilefacenet", MobileFaceNet(len(weights[MARK]), counts, embedding)


def _count(weights: dict[str, torch.Tensor], stage: int) -> int:
    """Bottlenecks of a stage; a single convolution in its place counts as one."""
    numbers = (re.match(rf"layers\.{stage}\.layers\.(\d+)\.layers\.", name) for name in weights)
    return 1 + max((int(number[1]) for number in numbers if number), default=0)
