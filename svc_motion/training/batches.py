"""Batches of rendered windows, the same for the same seed on every machine, made in a process of their own.

Every window is rendered anew from a pool of synthetic movements that is itself renewed, so nothing is seen twice.
"""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from svc_motion.network import features, mirrored
from svc_motion.training.camera import Array32, Camera
from svc_motion.training.movements import windows

BATCH = 256
POOL = 16_384
REFRESH = 32
"""Windows of the pool that are replaced after each step."""
SHORT_SHARE = 0.08
"""Windows of people who just came into view: the service plays these forth and back until a window is full."""


@dataclass(frozen=True)
class Batch:
    """What one training step sees."""

    inputs: NDArray[np.float16]
    """(BATCH, T, features)."""
    classes: NDArray[np.int64]


def _shortened(rng: np.random.Generator, points: Array32, confidence: Array32) -> tuple[Array32, Array32]:
    """Some windows cut short and played forth and back."""
    points, confidence = points.copy(), confidence.copy()
    samples = points.shape[1]
    for window in np.flatnonzero(rng.random(len(points)) < SHORT_SHARE):
        length = int(rng.integers(12, samples))
        period = 2 * length - 2
        order = [min(step % period, period - step % period) for step in range(samples)]
        points[window], confidence[window] = points[window, order], confidence[window, order]
    return points, confidence


def pool_size(steps: int) -> int:
    """How many movements are made before the first step: few for a short trial."""
    return min(POOL, 16 * steps)


def batches(seed: int, steps: int, pool: int | None = None) -> Iterator[Batch]:
    """One batch a step; half of each is shown in a mirror. `pool` is that of the steps unless it is given."""
    pool = pool or pool_size(steps)
    rng = np.random.default_rng(seed)
    camera = Camera(rng)
    joints, classes = windows(pool, seed * 1_000_003)
    for step in range(steps):
        chosen = rng.integers(0, pool, BATCH)
        points, confidence = _shortened(rng, *camera.render(joints[chosen]))
        half = BATCH // 2
        points[:half], confidence[:half] = mirrored(points[:half], confidence[:half])
        yield Batch(features(points, confidence).astype(np.float16), classes[chosen])
        renewed = (step * REFRESH + np.arange(REFRESH)) % pool
        joints[renewed], classes[renewed] = windows(REFRESH, seed * 1_000_003 + step + 1)


def _send(connection: Connection, seed: int, steps: int, pool: int | None) -> None:
    """Feed a pipe, whose size is what keeps this process from running ahead."""
    try:
        for batch in batches(seed, steps, pool):
            connection.send((batch.inputs, batch.classes))
    except BrokenPipeError:
        pass  # the trainer stopped before the last step
    finally:
        connection.close()


@contextmanager
def batches_beside(seed: int, steps: int, pool: int | None = None) -> Iterator[Iterator[Batch]]:
    """The same batches, made in a second process while the trainer computes."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    maker = multiprocessing.get_context("spawn").Process(target=_send, args=(sender, seed, steps, pool), daemon=True)
    maker.start()
    sender.close()
    try:
        yield (Batch(*receiver.recv()) for _ in range(steps))
    finally:
        receiver.close()
        maker.join(timeout=30)
        if maker.is_alive():
            maker.terminate()


def one_thread() -> None:
    """Keep numeric libraries of this process and those it starts from fighting over the processor."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
