"""Poses of labelled sets as the traces that form analysis judges.

Sets come with normalised coordinates, other joints and no times; here they go the way that live poses go: through
`body_frame`, and what a person's `History` does with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from svc_motion import form
from svc_motion.filling import JointMemory
from svc_motion.form import RepetitionTrace
from svc_motion.library import Library
from svc_motion.movement import movement
from svc_motion.observation import BodyFrame, FloatArray, KeypointSchema, Observation, body_frame
from svc_motion.signals import SignalBank
from svc_motion.window import SignalWindow

PICTURE_HEIGHT_PX: Final = 720
FILM_FPS: Final = 30.0
"""Of recordings that don't say; only tempo depends on it, and no label is about tempo."""
HELD_FRAMES: Final = 5
"""How often a single picture is shown, so that the filter arrives at it."""
HELD_STEP_S: Final = 1 / 15
BETWEEN_PICTURES_S: Final = 0.2
"""Longer than svc_motion believes in speeds: two pictures with time between them are no jump of a joint."""
OPENPOSE_18: Final = (0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10)
"""OpenPose's COCO model: the index of each COCO-17 joint."""
OPENPOSE_FOUND: Final = 0.1
"""Score from which a joint of OpenPose counts as found; it draws those of 0.05 and more."""


def blazepose(coordinates: FloatArray, landmarks: Sequence[int], aspect: float) -> FloatArray:
    """Poses (n, 33, 3) in px from (n, K, 3) x, y (0..1 of the picture) and visibility; other landmarks are unseen.

    `aspect` is the picture's width over its height: normalised coordinates say no angle without it.
    """
    poses = np.full((len(coordinates), KeypointSchema.BLAZEPOSE_33.value, 3), np.nan)
    poses[:, list(landmarks)] = coordinates * (aspect * PICTURE_HEIGHT_PX, PICTURE_HEIGHT_PX, 1.0)
    return poses


def openpose(poses: FloatArray) -> FloatArray:
    """(n, 17, 3) in COCO order from (n, 18, 3) of OpenPose.

    Its scores are heights of a heat map and no chances of being seen: what it found at all counts as seen.
    """
    ordered = poses[:, list(OPENPOSE_18)]
    found = ordered[..., 2] >= OPENPOSE_FOUND
    return np.where(found[..., None], np.concatenate([ordered[..., :2], found[..., None]], axis=-1), np.nan)


def film(
    poses: FloatArray, schema: KeypointSchema, size: tuple[int, int], fps: float = FILM_FPS, start_s: float = 1.0
) -> list[BodyFrame]:
    """Consecutive frames of a film as body frames; size is the picture's width and height in px."""
    return [_frame(start_s + index / fps, pose, schema, size) for index, pose in enumerate(poses)]


def pictures(poses: FloatArray, schema: KeypointSchema, size: tuple[int, int]) -> list[BodyFrame]:
    """Single pictures, each held for a moment, in the order of the movement."""
    return [_frame(time_s, pose, schema, size) for time_s, pose in _held(poses)]


def trace_of(library: Library, exercise: str, frames: Sequence[BodyFrame]) -> RepetitionTrace:
    """One repetition (at least one frame), filled, filtered and joined as `History` does it, without recognition."""
    joints, bank, window = JointMemory(), SignalBank(), SignalWindow()
    filled = [joints.fill(frame) for frame in frames]
    taken = [frame for frame in filled if window.push(bank.update(frame))]
    primary = library[exercise].primary_movement
    begin_s = taken[0].time_s
    move = movement(window, primary.signal_indices, begin_s, primary.min_range_deg, primary.alternation == "pair")
    times_s, values, _ = window.since(begin_s)
    return form.trace_of(times_s, move.values if move is not None else np.zeros(len(times_s)), values, taken)


def stretches(labels: Sequence[str], breaks: NDArray[np.bool_]) -> Iterator[slice]:
    """Runs of the same label; `breaks` says before which frames another recording begins."""
    begin = 0
    for index in range(1, len(labels) + 1):
        if index == len(labels) or labels[index] != labels[begin] or breaks[index]:
            yield slice(begin, index)
            begin = index


def _held(poses: FloatArray) -> Iterator[tuple[float, FloatArray]]:
    time_s = 1.0
    for pose in poses:
        for _ in range(HELD_FRAMES):
            time_s += HELD_STEP_S
            yield time_s, pose
        time_s += BETWEEN_PICTURES_S


def _frame(time_s: float, pose: FloatArray, schema: KeypointSchema, size: tuple[int, int]) -> BodyFrame:
    return body_frame(Observation(round(time_s * 1e9), pose, schema, *size))
