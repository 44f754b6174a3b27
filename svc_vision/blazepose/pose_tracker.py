"""Follows the poses of several people through one camera's frames."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose import detector, landmark
from svc_vision.blazepose.compare import MAIN_JOINTS, box_overlap, pose_box
from svc_vision.blazepose.config import PoseTrackerConfig
from svc_vision.blazepose.detector import Detection, Window
from svc_vision.blazepose.geometry import Region, region_iou
from svc_vision.blazepose.landmark import Pose
from svc_vision.blazepose.phantoms import Followed, believed, conflict, without_duplicates, without_phantoms
from svc_vision.blazepose.schedule import SceneWatch, WindowRound, window_around
from svc_vision.inference import Inference
from svc_vision.people import People
from svc_vision.picture import Picture

MODELS = (detector.MODEL, landmark.MODEL)
"""What an `Inference` has to have loaded."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    detection: Detection
    rival: int | None
    """Number of the followed person it would correct; None for somebody new."""


class PoseTracker:
    """State of one camera; call `update` with every analysed frame, in order, from one thread at a time."""

    sure_score = 0.6

    def __init__(self, inference: Inference, config: PoseTrackerConfig | None = None) -> None:
        """`inference` must have loaded `MODELS`."""
        self._inference = inference
        self._config = config or PoseTrackerConfig()
        self._numbers = 0
        self.reset()

    def reset(self) -> None:
        """Forgets everybody, as at the start of a stream; region numbers are not used again."""
        self._followed: list[Followed] = []
        self._round: WindowRound | None = None
        self._size = (0, 0)
        self._cuts = SceneWatch()
        self._since_detection = 0
        self._alert = 0

    def update(self, picture: Picture) -> People:
        """See `PeopleFinder.update`."""
        config = self._config
        # Windows and crops at any scale and turn: all pixels are cheaper once than many scaled parts.
        bgr = picture.bgr()
        height, width = bgr.shape[:2]
        turn = self._round
        everywhere = self._cuts.update(bgr)
        if turn is None or self._size != (width, height):
            self.reset()
            turn = self._round = WindowRound(width, height)
            self._size, everywhere = (width, height), True
            self._cuts.update(bgr)
        candidates = self._candidates(self._detect(bgr, self._due(turn, everywhere)))
        kept, lost = self._follow(bgr, everywhere)
        before = len(kept)
        self._admit(bgr, kept, candidates)
        if lost or (everywhere and not kept):
            self._search(bgr, turn, kept, lost, everywhere)
        people = without_phantoms(config, without_duplicates(config, kept))
        if lost or len(people) < before:
            self._alert = self._config.alert_frames
        self._followed = people
        return _people(believed(config, people), width, height)

    def _due(self, turn: WindowRound, everywhere: bool) -> Sequence[Window]:
        """Windows the detector looks at in this frame."""
        self._since_detection += 1
        self._alert = max(0, self._alert - 1)
        if everywhere:
            self._since_detection = 0
            return turn.coarse
        eager = self._alert > 0 or not self._followed
        if self._since_detection < (self._config.idle_interval if eager else self._config.busy_interval):
            return []
        self._since_detection = 0
        return [turn.next_eager() if eager else turn.next()]

    def _detect(self, bgr: NDArray[np.uint8], windows: Iterable[Window]) -> list[Detection]:
        """Best first, each person once."""
        found = [d for window in windows for d in detector.detect(self._inference, bgr, window)]
        chosen: list[Detection] = []
        for detection in sorted(found, key=lambda d: -d.score):
            if all(self._gap(detection.region, other.region) > self._config.same_centre for other in chosen):
                chosen.append(detection)
        return chosen

    def _candidates(self, detections: Sequence[Detection]) -> list[_Candidate]:
        """Detections worth a run of the keypoint model: new people, and sure corrections of followed ones."""
        candidates = []
        for detection in detections:
            nearest = min(self._followed, key=lambda one: self._gap(detection.region, one.region), default=None)
            if nearest is None or self._gap(detection.region, nearest.region) > self._config.same_centre:
                candidates.append(_Candidate(detection, None))
            elif detection.score >= self._config.reseed_score and _disagree(detection.region, nearest.region):
                candidates.append(_Candidate(detection, nearest.number))
        return candidates[: 2 * self._config.max_people]

    @staticmethod
    def _gap(a: Region, b: Region) -> float:
        return math.dist((a.x, a.y), (b.x, b.y)) / max(min(a.size, b.size), 1.0)

    def _follow(self, bgr: NDArray[np.uint8], cut: bool) -> tuple[list[Followed], list[Followed]]:
        """Looks where everybody was expected; returns who is there and who is lost."""
        kept, lost = [], []
        bar = self._config.presence_min_after_cut if cut else self._config.presence_min
        poses = landmark.estimate(self._inference, bgr, [one.region for one in self._followed])
        for one, pose in zip(self._followed, poses, strict=True):
            if pose.presence >= bar and self._is_seen(pose):
                moved = self._gap(one.region, pose.next_region)
                kept.append(replace(one, region=pose.next_region, pose=pose, moved=moved))
            else:
                lost.append(one)
        return kept, lost

    def _is_seen(self, pose: Pose) -> bool:
        seen = int((pose.points[MAIN_JOINTS, 2] >= self._config.joint_visibility_min).sum())
        return seen >= self._config.seen_joints_min and pose.next_region.size >= 8

    def _admit(self, bgr: NDArray[np.uint8], kept: list[Followed], candidates: Sequence[_Candidate]) -> None:
        """Adds to `kept` the candidates in whom the keypoint model sees a person, the clearest first."""
        poses = landmark.estimate(self._inference, bgr, [c.detection.region for c in candidates])
        seen = [
            (pose, candidate)
            for pose, candidate in zip(poses, candidates, strict=True)
            if pose.presence >= self._config.presence_min and self._is_seen(pose)
        ]
        for pose, candidate in sorted(seen, key=lambda pair: -pair[0].presence * pair[1].detection.score):
            rivals = [one for one in kept if conflict(self._config, pose, one.pose)]
            if candidate.rival is not None:
                rivals = [one for one in kept if one.number == candidate.rival]
            if not rivals and candidate.rival is None and len(kept) < self._config.max_people:
                self._numbers += 1
                kept.append(Followed(self._numbers, pose.next_region, pose, math.inf))
            elif len(rivals) == 1 and self._prevails(candidate, pose, rivals[0].pose):
                rivals[0].pose, rivals[0].region = pose, pose.next_region

    def _prevails(self, candidate: _Candidate, new: Pose, old: Pose) -> bool:
        """Whether a candidate replaces the pose it conflicts with; the person's number stays."""
        if candidate.rival is not None:
            return new.presence >= self._config.presence_min_after_cut
        _, cover, ratio = box_overlap(new, old)
        swallows = cover > self._config.conflict_cover and ratio > 2 and new.presence > 0.9 * old.presence
        return swallows or old.presence < min(self._config.presence_weak, new.presence)

    def _search(
        self,
        bgr: NDArray[np.uint8],
        turn: WindowRound,
        kept: list[Followed],
        lost: Sequence[Followed],
        everywhere: bool,
    ) -> None:
        """Looks at once for people who were lost, around where they were and in the whole frame."""
        width, height = self._size
        windows: list[Window] = []
        if not everywhere:
            windows = [window_around(one.region, width, height) for one in lost]
        if not kept:
            windows += turn.fine if everywhere else turn.coarse[:1]
        present = {one.number for one in kept}
        self._admit(bgr, kept, [_Candidate(detection, None) for detection in self._detect(bgr, windows)])
        for old in lost:
            near = [k for k in kept if k.number not in present and region_iou(k.region, old.region) > 0.2]
            if near and not everywhere:
                near[0].number = old.number
                present.add(old.number)


def _disagree(a: Region, b: Region) -> bool:
    turned = abs((a.rotation - b.rotation + math.pi) % (2 * math.pi) - math.pi)
    return turned > 0.5 or region_iou(a, b) < 0.6


def _people(followed: Sequence[Followed], width: int, height: int) -> People:
    if not followed:
        return People.empty()
    limit = np.array([width, height, width, height], np.float64)
    boxes = np.stack([pose_box(one.pose.points) for one in followed])
    return People(
        boxes=np.clip(boxes, 0, limit).astype(np.float32),
        scores=np.array([one.pose.presence for one in followed], np.float32),
        keypoints=np.stack([one.pose.points for one in followed]),
        world=np.stack([one.pose.world for one in followed]),
        regions=np.array([one.number for one in followed], np.int64),
    )
