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
    better = np.triu(same, 1).astype(np.float32)
    stays: Bools = np.ones(len(same), np.bool_)
    while True:
        # A product of matrices counts who removes each: quicker than asking "any" of rows that are picked out.
        now = np.asarray(stays.astype(np.float32) @ better == 0, np.bool_)
        if np.array_equal(now, stays):
            return stays
        stays = now


def overlap(boxes: Float32) -> Float32:
    """(N, N) intersection over union of (N, 4) xyxy boxes."""
    x0, y0, x1, y1 = boxes.T
    # In place: with hundreds of boxes fresh memory would cost more than the arithmetic.
    scratch = np.maximum(x0[:, None], x0)
    inter = np.minimum(x1[:, None], x1)
    inter -= scratch
    np.maximum(inter, 0, out=inter)
    height = np.minimum(y1[:, None], y1)
    height -= np.maximum(y0[:, None], y0, out=scratch)
    inter *= np.maximum(height, 0, out=height)
    area = (x1 - x0) * (y1 - y0)
    union = np.add(area[:, None], area, out=scratch)
    union -= inter
    inter /= np.maximum(union, 1e-6, out=union)
    return np.asarray(inter, np.float32)


def joint_distance(boxes: Float32, keypoints: Float32, seen_from: float) -> Float32:
    """(N, N) mean distance of the joints that both poses show, in roots of the smaller box's area.

    Infinite where they share fewer than three.
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    size = np.sqrt(np.maximum(np.minimum(area[:, None], area), 1.0))
    x, y, seen = keypoints[:, :, 0], keypoints[:, :, 1], keypoints[:, :, 2] >= seen_from
    both = seen[:, None] & seen
    gap = np.sqrt((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2) * both
    count = both.sum(axis=2)
    mean = gap.sum(axis=2) / np.maximum(count, 1) / size
    return np.where(count >= 3, mean, np.inf).astype(np.float32)
