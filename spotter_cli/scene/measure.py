"""Measurements on joints, to compare what is found with what is true."""

from __future__ import annotations

import numpy as np

from spotter_cli.scene.geometry import Floats
from spotter_cli.scene.skeleton import JOINTS


def joint(joints: Floats, name: str) -> Floats:
    """One joint of an array (..., 17, dimensions); `mid_hip` is halfway between both hips, and so on."""
    if name.startswith("mid_"):
        part = name.removeprefix("mid_")
        return (joint(joints, f"left_{part}") + joint(joints, f"right_{part}")) / 2
    return np.asarray(joints[..., JOINTS.index(name), :])


def angle_deg(joints: Floats, first: str, middle: str, last: str) -> float:
    """Angle at the middle joint of one body (17, dimensions)."""
    a, b = (joint(joints, name) - joint(joints, middle) for name in (first, last))
    cosine = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
