"""The residual network of ArcFace (Deng et al., CVPR 2019), with the names of weights that insightface's training uses.

Deng et al. take the residual unit of Han et al. (Deep Pyramidal Residual Networks, CVPR 2017): normalisation before the
first convolution, no activation behind the sum; and PReLU in place of ReLU.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import nn

STAGE_CHANNELS = (64, 128, 256, 512)
MARK = "layer1.0.bn1.weight"


class ResidualUnit(nn.Module):
    """Normalise, convolve, normalise, PReLU, convolve with the stride, normalise, add."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.prelu = nn.PReLU(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)
        if stride > 1:
            projection = nn.Conv2d(channels_in, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels_in, H, W) → (N, channels, H / stride, W / stride)."""
        changed = self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x)))))
        unchanged = self.downsample(x) if hasattr(self, "downsample") else x
        return torch.add(self.bn3(changed), unchanged)


class IResNet(nn.Module):
    """A face of 112×112 px → its embedding, not normalised.

    Args:
        units: residual units of the four stages, such as 3, 4, 14, 3 for iresnet50.
        embedding: numbers that describe a face.
    """

    def __init__(self, units: Sequence[int], embedding: int) -> None:
        super().__init__()
        self.embedding = embedding
        self.conv1 = nn.Conv2d(3, STAGE_CHANNELS[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(STAGE_CHANNELS[0])
        self.prelu = nn.PReLU(STAGE_CHANNELS[0])
        before = STAGE_CHANNELS[0]
        for stage, (count, channels) in enumerate(zip(units, STAGE_CHANNELS, strict=True), 1):
            rest = [ResidualUnit(channels, channels, stride=1) for _ in range(count - 1)]
            self.add_module(f"layer{stage}", nn.Sequential(ResidualUnit(before, channels, stride=2), *rest))
            before = channels
        self.bn2 = nn.BatchNorm2d(before)
        self.fc = nn.Linear(before * 7 * 7, embedding)
        self.features = nn.BatchNorm1d(embedding)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 3, 112, 112) → (N, embedding)."""
        x = self.prelu(self.bn1(self.conv1(pixels)))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return torch.as_tensor(self.features(self.fc(self.bn2(x).flatten(1))))


def from_weights(weights: dict[str, torch.Tensor]) -> tuple[str, IResNet]:
    """Name and network of the depth that these weights have; the weights themselves aren't loaded yet."""
    units = [_units(weights, stage) for stage in range(1, len(STAGE_CHANNELS) + 1)]
    # Layers are counted as for all residual networks: two a unit, the first one and the last.
    depth = 2 * sum(units) + 2
    return f"iresnet{depth}", IResNet(units, embedding=len(weights["features.running_mean"]))


def _units(weights: dict[str, torch.Tensor], stage: int) -> int:
    numbers = (re.match(rf"layer{stage}\.(\d+)\.", name) for name in weights)
    return 1 + max((int(number[1]) for number in numbers if number), default=-1)
