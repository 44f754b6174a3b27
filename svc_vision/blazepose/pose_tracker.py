"""Follows the poses of several people through one camera's frames."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose import detector, landmark
from svc_vision.blazepose.detector import Detection, Window
from svc_vision.blazepose.geometry import Region, region_iou
from svc_vision.blazepose.landmark import Pose
from svc_vision.blazepose.schedule import CutDetector, WindowRound, window_around
from svc_vision.inference import Inference
from svc_vision.people import Keypoint, People

MODELS = (detector.MODEL, landmark.MODEL)
"""What an `Inference` has to have loaded."""

_MAIN_JOINTS = [int(k) for k in Keypoint if 11 <= k <= 16 or 23 <= k <= 28]
_TRUNK = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
_COMPARED = [*_TRUNK, Keypoint.LEFT_KNEE, Keypoint.RIGHT_KNEE]


@dataclass(frozen=True, slots=True)
class PoseTrackerConfig:
    """How eagerly people are looked for; times are counted in analysed frames."""

    max_people: int = 6
    """More people are not followed; each costs one run of the keypoint model a frame."""
    idle_interval: int = 2
    """While nobody is followed, one detector window every so many frames. Raised: cheaper, later first sight."""
    busy_interval: int = 8
    """The same while somebody is followed. Raised: cheaper, a second person is seen later."""
    alert_frames: int = 15
    """For so long after somebody was lost, windows come at `idle_interval`."""
    presence_min: float = 0.5
    """Below, a region holds nobody. Raised: fewer false people, more gaps."""
    presence_min_after_cut: float = 0.8
    """The same for regions from before a cut, which lie there by chance."""
    presence_weak: float = 0.75
    """Below, a detection at the same place takes the region over."""
    same_region_iou: float = 0.45
    """A detection that overlaps a followed region more is the same person."""
    joint_visibility_min: float = 0.3
    """A joint counts as seen above this."""
    seen_joints_min: int = 4
    """Of the 12 main joints; a pose with fewer seen is a guess."""
    duplicate_distance: float = 0.35
    """Two poses whose joints differ by less, in trunk lengths, are one person followed twice."""


@dataclass(slots=True)
class _Followed:
    number: int
    region: Region
    presence: float
    pose: Pose | None = None
    """The last accepted one; None for a region the detector has just found."""


class PoseTracker:
    """State of one camera; call `update` with every analysed frame, in order, from one thread at a time."""

    def __init__(self, inference: Inference, config: PoseTrackerConfig | None = None) -> None:
        """`inference` must have loaded `MODELS`."""
        self._inference = inference
        self._config = config or PoseTrackerConfig()
        self._numbers = 0
        self.reset()

    def reset(self) -> None:
        """Forgets everybody, as at the start of a stream; region numbers are not used again."""
        self._followed: list[_Followed] = []
        self._round: WindowRound | None = None
        self._size = (0, 0)
        self._cuts = CutDetector()
        self._since_detection = 0
        self._alert = 0

    def update(self, bgr: NDArray[np.uint8]) -> People:
        """People in the next frame.

        Args:
            bgr: (H, W, 3) uint8, upright. A change of size starts anew.

        Raises:
            ModelError: the models can't be run.
        """
        height, width = bgr.shape[:2]
        first = self._round is None or self._size != (width, height)
        if first:
            self.reset()
            self._round, self._size = WindowRound(width, height), (width, height)
        cut = self._cuts.update(bgr)
        asked = self._followed + self._found(bgr, self._followed, self._due(first or cut))
        kept, lost = self._track(bgr, asked, cut)
        if lost or ((first or cut) and not kept):
            kept += self._search(bgr, kept, lost, everywhere=first or cut)
        people = self._without_duplicates(kept)
        if lost or len(people) < len(kept):
            self._alert = self._config.alert_frames
        self._followed = people
        return _people(people, width, height)

    def _due(self, everywhere: bool) -> list[Window]:
        """Windows to look at before the regions are followed."""
        assert self._round is not None
        self._since_detection += 1
        self._alert = max(0, self._alert - 1)
        if everywhere:
            self._since_detection = 0
            return self._round.coarse
        eager = self._alert > 0 or not self._followed
        interval = self._config.idle_interval if eager else self._config.busy_interval
        if self._since_detection < interval or len(self._followed) >= self._config.max_people:
            return []
        self._since_detection = 0
        return [self._round.next()]

    def _found(self, bgr: NDArray[np.uint8], known: Sequence[_Followed], windows: Iterable[Window]) -> list[_Followed]:
        """Detections that are new people; one on a weakly followed person moves that person's region."""
        found: list[_Followed] = []
        detections = [d for window in windows for d in detector.detect(self._inference, bgr, window)]
        for detection in sorted(detections, key=lambda d: -d.score):
            same = self._same(detection, [*known, *found])
            if same is None and len(known) + len(found) < self._config.max_people:
                self._numbers += 1
                found.append(_Followed(self._numbers, detection.region, detection.score))
            elif same is not None and same.pose is not None and same.presence < self._config.presence_weak:
                same.region, same.presence = detection.region, self._config.presence_weak
        return found

    def _same(self, detection: Detection, known: Sequence[_Followed]) -> _Followed | None:
        overlaps = [(region_iou(detection.region, one.region), one) for one in known]
        best = max(overlaps, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] >= self._config.same_region_iou else None

    def _track(
        self, bgr: NDArray[np.uint8], asked: Sequence[_Followed], cut: bool
    ) -> tuple[list[_Followed], list[_Followed]]:
        """Runs the keypoint model; returns who is there now, and the followed ones who are not any more."""
        kept, lost = [], []
        poses = landmark.estimate(self._inference, bgr, [one.region for one in asked])
        for one, pose in zip(asked, poses, strict=True):
            was_there = one.pose is not None
            bar = self._config.presence_min_after_cut if cut and was_there else self._config.presence_min
            if pose.presence >= bar and self._is_seen(pose):
                kept.append(_Followed(one.number, pose.next_region, pose.presence, pose))
            elif was_there:
                lost.append(one)
        return self._by_continuity(kept, asked), lost

    def _is_seen(self, pose: Pose) -> bool:
        seen = int((pose.points[_MAIN_JOINTS, 2] >= self._config.joint_visibility_min).sum())
        return seen >= self._config.seen_joints_min and pose.next_region.size >= 8

    def _by_continuity(self, kept: list[_Followed], before: Sequence[_Followed]) -> list[_Followed]:
        """Those who moved least first: when two regions slide onto one person, its own one is kept."""
        previous = {one.number: one for one in before}

        def moved(one: _Followed) -> float:
            old = previous[one.number]
            if old.pose is None:
                return math.inf
            return math.dist((old.region.x, old.region.y), (one.region.x, one.region.y)) / old.region.size

        return sorted(kept, key=moved)

    def _search(
        self, bgr: NDArray[np.uint8], kept: Sequence[_Followed], lost: Sequence[_Followed], everywhere: bool
    ) -> list[_Followed]:
        """Looks at once for people who were lost, around where they were and in the whole frame."""
        assert self._round is not None
        width, height = self._size
        windows = [window_around(one.region, width, height) for one in lost]
        if everywhere:
            windows += self._round.fine
        elif not kept:
            windows.append(self._round.coarse[0])
        found, _ = self._track(bgr, self._found(bgr, kept, windows), cut=False)
        for old in lost:
            near = [one for one in found if region_iou(one.region, old.region) > 0.2]
            if near and not everywhere:
                near[0].number = old.number
        return found

    def _without_duplicates(self, people: Sequence[_Followed]) -> list[_Followed]:
        kept: list[_Followed] = []
        for one in people:
            if all(_distance(one, other) > self._config.duplicate_distance for other in kept):
                kept.append(one)
        return kept


def _points(one: _Followed) -> NDArray[np.float32]:
    assert one.pose is not None
    return one.pose.points


def _distance(a: _Followed, b: _Followed) -> float:
    """Mean distance of the joints of two poses in trunk lengths of the first."""
    first, second = _points(a)[:, :2], _points(b)[:, :2]
    trunk = first[_TRUNK[:2]].mean(axis=0) - first[_TRUNK[2:]].mean(axis=0)
    gap = np.linalg.norm(first[_COMPARED] - second[_COMPARED], axis=1).mean()
    return float(gap / max(float(np.linalg.norm(trunk)), 0.1 * a.region.size))


def _people(followed: Sequence[_Followed], width: int, height: int) -> People:
    if not followed:
        return People.empty()
    keypoints = np.stack([_points(one) for one in followed])
    low, high = keypoints[:, :, :2].min(axis=1), keypoints[:, :, :2].max(axis=1)
    margin = 0.06 * (high - low)
    limit = np.array([width, height], np.float32)
    boxes = np.concatenate([np.clip(low - margin, 0, limit), np.clip(high + margin, 0, limit)], axis=1)
    return People(
        boxes=boxes.astype(np.float32),
        scores=np.array([one.presence for one in followed], np.float32),
        keypoints=keypoints,
        world=np.stack([one.pose.world for one in followed if one.pose is not None]),
        regions=np.array([one.number for one in followed], np.int64),
    )
