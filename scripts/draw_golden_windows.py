"""Writes triton_models/golden_windows.npy: the golden batch of the exercise network, a squat and a push-up.

Both come from the generator that the network is trained with, of a seed that no training uses; the same bytes again.
Afterwards `scripts/record_golden.py exercise_network` notes what the network answers.
"""

from __future__ import annotations

import numpy as np

from svc_motion.network import features
from svc_motion.training.camera import Camera
from svc_motion.training.movements import CLASSES, windows
from triton_models.manifest import MANIFEST_FILE, model

SHOWN = ("squat", "push_up")
DRAWN, SEED = 400, 20_260_101


def main() -> None:
    """Takes of each movement the drawn window in which most joints are seen."""
    joints, classes = windows(DRAWN, SEED)
    points, confidence = Camera(np.random.default_rng(SEED)).render(joints)
    seen = confidence.mean(axis=(1, 2))
    drawn = [np.flatnonzero(classes == CLASSES.index(name)) for name in SHOWN]
    chosen = [int(rows[seen[rows].argmax()]) for rows in drawn]
    tensor = model("exercise_network").tensor
    assert tensor is not None
    np.save(MANIFEST_FILE.with_name(tensor.golden), features(points[chosen], confidence[chosen]).astype(np.float16))


if __name__ == "__main__":
    main()
