"""One box for each person, computed on whole arrays: the time hardly grows with the number of boxes."""

import numpy as np
from numpy.typing import NDArray

from svc_vision.people import Float32

Bools = NDArray[np.bool_]


def greedy(same: Bools) -> Bools:
    """Which of N candidates stay, best first, when each that stays removes those after it that are the `same`.

    Greedy non-maximum suppression without its loop: a candidate stays if nobody better who stays is the same. Taking
    that rule again and again ends at the greedy answer after as many steps as the longest chain of removals, two or
    three in practice.

    Args:
        same: (N, N) symmetric; row and column i are the i-th best candidate.

    Returns:
        (N,) True for those who stay.
    """
    better = np.triu(same, 1)
    stays: Bools = np.ones(len(same), np.bool_)
    while True:
        now = np.asarray(~better[stays].any(axis=0), np.bool_)
        if np.array_equal(now, stays):
            return stays
        stays = now


def overlap(boxes: Float32) -> Float32:
    """(N, N) intersection over union of (N, 4) xyxy boxes."""
    x0, y0, x1, y1 = boxes.T
    width = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    height = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    inter = np.maximum(width, 0) * np.maximum(height, 0)
    area = (x1 - x0) * (y1 - y0)
    return np.asarray(inter / np.maximum(area[:, None] + area - inter, 1e-6), np.float32)


def joint_distance(boxes: Float32, keypoints: Float32, seen_from: float) -> Float32:
    """(N, N) mean distance of the joints that both poses show, in roots of the smaller box's area.

    Infinite where they share fewer than three.
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    size = np.sqrt(np.maximum(np.minimum(area[:, None], area), 1.0))
    seen = keypoints[:, :, 2] >= seen_from
    both = seen[:, None] & seen[None]
    count = both.sum(axis=2)
    gap = np.hypot(*np.moveaxis(keypoints[:, None, :, :2] - keypoints[None, :, :, :2], 3, 0))
    mean = (gap * both).sum(axis=2) / np.maximum(count, 1) / size
    return np.where(count >= 3, mean, np.inf).astype(np.float32)
