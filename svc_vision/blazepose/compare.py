"""Measures by which two poses are told to be one person."""

import math

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose.geometry import box_iou
from svc_vision.blazepose.landmark import Pose
from svc_vision.people import Keypoint

MAIN_JOINTS = [int(k) for k in Keypoint if 11 <= k <= 16 or 23 <= k <= 28]
"""Shoulders, elbows, wrists, hips, knees, ankles."""
BOX_MARGIN = 0.06
"""The body reaches this much beyond its keypoints, as a share of their extent."""
_SHARED_REACH = 0.04
"""In region sizes, about a sixth of the trunk."""
_SHARED_VISIBILITY = 0.3
_SHOULDERS = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
_HIPS = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
_COMPARED = [*_SHOULDERS, *_HIPS, Keypoint.LEFT_KNEE, Keypoint.RIGHT_KNEE]


def pose_box(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """(4,) xyxy px around the (33, 3) keypoints with a margin; may reach beyond the image."""
    xy = points[:, :2].astype(np.float64)
    low, high = xy.min(axis=0), xy.max(axis=0)
    margin = BOX_MARGIN * (high - low)
    return np.concatenate([low - margin, high + margin])


def joint_distance(a: Pose, b: Pose) -> float:
    """Mean distance of shoulders, hips and knees in trunk lengths of `a`."""
    first = a.points[_COMPARED, :2]
    apart = first - b.points[_COMPARED, :2]
    gap = float(np.sqrt((apart * apart).sum(axis=1)).sum()) / len(_COMPARED)
    # The first four compared are the shoulders and the hips.
    across, along = ((first[0] + first[1] - first[2] - first[3]) / 2).tolist()
    trunk = math.hypot(across, along)
    # Seen from above or bent forward the trunk is short; the region's size keeps the measure finite.
    return gap / max(trunk, 0.1 * a.next_region.size)


def box_overlap(a: Pose, b: Pose) -> tuple[float, float, float]:
    """IoU of the two boxes, share of the smaller one that is covered, and area of `a` over area of `b`."""
    first, second = pose_box(a.points), pose_box(b.points)
    iou = float(box_iou(first, second[None])[0])
    area_a, area_b = (float(np.prod(box[2:] - box[:2])) for box in (first, second))
    inter = iou * (area_a + area_b) / (1 + iou)
    return iou, inter / max(min(area_a, area_b), 1e-9), area_a / max(area_b, 1e-9)


def shared_joints(a: Pose, b: Pose) -> int:
    """How many of the main joints that `a` shows lie where `b` has the same joint: two people share hardly any."""
    first, second = a.points[MAIN_JOINTS], b.points[MAIN_JOINTS]
    reach = _SHARED_REACH * max(a.next_region.size, b.next_region.size)
    near = np.linalg.norm(first[:, :2] - second[:, :2], axis=1) < reach
    return int((near & (first[:, 2] > _SHARED_VISIBILITY)).sum())
