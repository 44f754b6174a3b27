"""Trains the exercise network and writes its weights, with what made them, beside this package.

    python -m svc_motion.training.train --minutes 9 --seed 1 --out svc_motion/weights

Needs torch (any 2.x), which no service has: use an environment of its own. One thread, some minutes; every window is
rendered anew from a pool of synthetic movements that is itself renewed, so nothing is seen twice.
"""

# torch is in no service's environment, so its types are unknown where this is checked
# mypy: disable-error-code="import-not-found, misc"

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from svc_motion.network import DILATIONS, FEATURES, ExerciseNetwork, features, mirrored
from svc_motion.training.camera import Camera
from svc_motion.training.movements import CLASSES, windows

CHANNELS = 80
BATCH = 256
POOL = 16_384
REFRESH = 32
"""Windows of the pool that are replaced after each step."""
LEARNING_RATE = 3e-3


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
    """The trainable twin of ExerciseNetwork."""

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


def exported(network: Network) -> dict[str, np.ndarray]:
    """Weights as ExerciseNetwork wants them, half precision."""
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


def train(minutes: float, seed: int) -> tuple[Network, int, float]:
    """Train for a time; returns the network, the steps made and the last mean loss."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    camera, network = Camera(rng), Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    joints, classes = windows(POOL, seed * 1_000_003)
    began, steps, losses = time.monotonic(), 0, [0.0]
    while (share := (time.monotonic() - began) / (60 * minutes)) < 1:
        rate = LEARNING_RATE * min(1, steps / 100) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        chosen = rng.integers(0, POOL, BATCH)
        points, confidence = camera.render(joints[chosen])
        half = BATCH // 2
        points[:half], confidence[:half] = mirrored(points[:half], confidence[:half])
        inputs = torch.from_numpy(features(points, confidence))
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(inputs)
        targets = torch.from_numpy(classes[chosen])
        loss = nn.functional.cross_entropy(scores.float(), targets, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        place = (steps * REFRESH) % POOL
        joints[place : place + REFRESH], classes[place : place + REFRESH] = windows(
            REFRESH, seed * 1_000_003 + steps + 1
        )
        steps += 1
        if steps % 200 == 0:
            print(f"{steps} steps, {60 * minutes * share:.0f} s, loss {np.mean(losses[-200:]):.3f}", flush=True)  # noqa: T201
    return network.eval(), steps, float(np.mean(losses[-200:]))


def accuracy(network: ExerciseNetwork, seed: int) -> dict[str, float]:
    """Share of right windows, all together and by class, on synthetic windows never trained on."""
    joints, classes = windows(2_000, seed)
    points, confidence = Camera(np.random.default_rng(seed)).render(joints)
    right = np.concatenate(
        [
            network.probabilities(points[at : at + 100], confidence[at : at + 100]).argmax(axis=1)
            == classes[at : at + 100]
            for at in range(0, len(points), 100)
        ]
    )
    by_class = {name: float(right[classes == index].mean()) for index, name in enumerate(CLASSES)}
    return {"all": float(right.mean())} | by_class


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, steps, loss = train(options.minutes, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "exercise_network.npz"
    stored: dict[str, Any] = {"classes": np.array(CLASSES)} | exported(network)
    np.savez_compressed(path, **stored)
    made_by = {
        "command": f"python -m svc_motion.training.train --minutes {options.minutes:g} --seed {options.seed}",
        "torch": torch.__version__,
        "steps": steps,
        "windows": steps * BATCH,
        "loss": round(loss, 4),
        "synthetic_accuracy": {k: round(v, 3) for k, v in accuracy(ExerciseNetwork.load(path), 999_999_937).items()},
    }
    (options.out / "exercise_network.json").write_text(json.dumps(made_by, indent=2) + "\n")
    print(json.dumps(made_by, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
