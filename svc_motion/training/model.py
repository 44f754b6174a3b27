"""The network as PyTorch trains it, and how its weights leave PyTorch."""

# torch is in no service's environment, so its types are unknown where this is checked
# mypy: disable-error-code="import-not-found, misc"

import numpy as np
import torch
from torch import nn

from svc_motion.network import DILATIONS, FEATURES
from svc_motion.training.movements import CLASSES

CHANNELS = 80


class Block(nn.Module):
    """Two convolutions around which the signal is also passed on unchanged."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.first_norm = nn.BatchNorm1d(channels)
        self.dropout = nn.Dropout(0.1)
        self.second = nn.Conv1d(channels, channels, 3, padding=1)
        self.second_norm = nn.BatchNorm1d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T) to the same shape."""
        y = self.dropout(_gelu(self.first_norm(self.first(x))))
        return _gelu(x + self.second_norm(self.second(y)))


class Network(nn.Module):
    """Dilated residual convolutions after Bai et al. 2018, arXiv:1803.01271; mean and maximum over time."""

    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.input = nn.Conv1d(FEATURES, channels, 1)
        self.input_norm = nn.BatchNorm1d(channels)
        self.dropout = nn.Dropout(0.1)
        self.blocks = nn.ModuleList(Block(channels, dilation) for dilation in DILATIONS)
        self.output = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * channels, len(CLASSES)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, features) to (B, classes)."""
        y = self.dropout(_gelu(self.input_norm(self.input(x.transpose(1, 2)))))
        for block in self.blocks:
            y = block(y)
        scores: torch.Tensor = self.output(torch.cat([y.mean(dim=-1), y.amax(dim=-1)], dim=-1))
        return scores


def _gelu(x: torch.Tensor) -> torch.Tensor:
    return nn.functional.gelu(x, approximate="tanh")


def _folded(convolution: nn.Conv1d, norm: nn.BatchNorm1d) -> tuple[np.ndarray, np.ndarray]:
    """Weights (taps, in, out) and bias with the batch normalisation folded in."""
    assert norm.running_var is not None and norm.running_mean is not None and convolution.bias is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = convolution.weight * gain[:, None, None]
    bias = (convolution.bias - norm.running_mean) * gain + norm.bias
    return weight.detach().permute(2, 1, 0).numpy(), bias.detach().numpy()


def folded_weights(network: Network) -> dict[str, np.ndarray]:
    """Weights as `onnx_file` wants them, half precision."""
    weights: dict[str, np.ndarray] = {}
    weight, weights["input.bias"] = _folded(network.input, network.input_norm)
    weights["input.weight"] = weight[0]
    for place, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        for name, convolution, norm in (
            ("first", block.first, block.first_norm),
            ("second", block.second, block.second_norm),
        ):
            weight, bias = _folded(convolution, norm)
            weights[f"block{place}.{name}.weight"], weights[f"block{place}.{name}.bias"] = weight, bias
    linear = network.output[1]
    weights["output.weight"], weights["output.bias"] = linear.weight.detach().numpy().T, linear.bias.detach().numpy()
    return {name: value.astype(np.float16) for name, value in weights.items()}
