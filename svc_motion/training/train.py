"""Trains the exercise network on synthetic skeletons alone and writes it, with what made it.

    python -m svc_motion.training.train --steps 4200 --seed 1 --out svc_motion/weights

Needs torch (any 2.x), which no service has: use an environment of its own (`make train`). The data comes from a second
process; both use one thread. Steps and seed decide the result, not the clock.
"""

# torch is in no service's environment, so its types are unknown where this is checked
# mypy: disable-error-code="import-not-found, misc"

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import nn

from svc_motion.network import INPUT, NETWORK_FILE, OUTPUT
from svc_motion.training.batches import BATCH, REFRESH, Batch, batches, batches_beside, one_thread, pool_size
from svc_motion.training.metrics import metrics
from svc_motion.training.model import Network, folded_weights
from svc_motion.training.movements import CLASSES
from svc_motion.training.onnx_file import write_onnx

STEPS = 4_200
LEARNING_RATE = 3e-3
WARM_UP = 100


def train(data: Iterable[Batch], steps: int, seed: int) -> tuple[Network, list[float]]:
    """Train over the batches; returns the network and the loss of each step."""
    torch.manual_seed(seed)
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    losses: list[float] = []
    began = time.monotonic()
    network.train()
    for step, batch in enumerate(data):
        decay = 0.5 + 0.5 * np.cos(np.pi * step / steps)
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1, (step + 1) / WARM_UP) * decay + 1e-5
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(torch.from_numpy(batch.inputs.astype(np.float32)))
        loss = nn.functional.cross_entropy(scores.float(), torch.from_numpy(batch.classes), label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if (step + 1) % 200 == 0:
            print(f"{step + 1} steps, {time.monotonic() - began:.0f} s, loss {np.mean(losses[-200:]):.3f}", flush=True)  # noqa: T201
    return network.eval(), losses


def written(network: Network, path: Path, inputs: torch.Tensor) -> float:
    """Write the ONNX file; returns how far its answers lie from PyTorch's at most, which half precision explains."""
    write_onnx(path, CLASSES, folded_weights(network))
    with torch.no_grad():
        expected = torch.softmax(network(inputs), dim=-1).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {INPUT: inputs.numpy()})
    return float(np.abs(found - expected).max())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=NETWORK_FILE.parent)
    parser.add_argument("--unmeasured", action="store_true", help="leave the metrics out, as for a quick look")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.monotonic()
    with batches_beside(options.seed, options.steps) as data:
        network, losses = train(data, options.steps, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / NETWORK_FILE.name
    sample = next(batches(options.seed + 1, 1, pool=BATCH))
    difference = written(network, path, torch.from_numpy(sample.inputs.astype(np.float32)))
    made_by: dict[str, Any] = {
        "command": f"python -m svc_motion.training.train --steps {options.steps} --seed {options.seed}",
        "seed": options.seed,
        "steps": options.steps,
        "torch": torch.__version__,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "windows_rendered": options.steps * BATCH,
        "movements_made": pool_size(options.steps) + options.steps * REFRESH,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "first_loss": round(losses[0], 4),
        "loss": round(float(np.mean(losses[-200:])), 4),
        "onnx_from_torch": round(difference, 5),
    }
    made_by |= {} if options.unmeasured else metrics(path)
    path.with_suffix(".json").write_text(json.dumps(made_by, indent=2) + "\n")
    print(json.dumps(made_by, indent=2))  # noqa: T201


if __name__ == "__main__":
    one_thread()
    main()
