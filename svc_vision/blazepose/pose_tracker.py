"""Follows the poses of several people through one camera's frames."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from svc_vision.blazepose import detector, landmark
from svc_vision.blazepose.compare import MAIN_JOINTS, box_overlap, joint_distance, pose_box, shared_joints
from svc_vision.blazepose.detector import Detection, Window
from svc_vision.blazepose.geometry import Region, region_iou
from svc_vision.blazepose.landmark import Pose
from svc_vision.blazepose.schedule import CutDetector, WindowRound, window_around
from svc_vision.inference import Inference
from svc_vision.people import People

MODELS = (detector.MODEL, landmark.MODEL)
"""What an `Inference` has to have loaded."""


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
    """Below, a person found at the same place takes the region over."""
    same_centre: float = 0.12
    """A detection whose centre is nearer to a followed one, in region sizes, is the same person."""
    reseed_score: float = 0.9
    """A detection of the same person this sure, but of another extent, is tried in place of the followed region."""
    joint_visibility_min: float = 0.3
    """A joint counts as seen above this."""
    seen_joints_min: int = 4
    """Of the 12 main joints; a pose with fewer seen is a guess."""
    duplicate_distance: float = 0.35
    """Two poses whose joints differ by less, in trunk lengths, are one person followed twice."""
    conflict_iou: float = 0.5
    """A newly found person whose box overlaps a followed one's more is not believed."""
    conflict_cover: float = 0.8
    """Nor one whose box is covered by a followed one's to this share."""
    conflict_joints: int = 4
    """Nor one with so many of the 12 main joints where a followed one has them."""
    doubtful_cover: float = 0.3
    """Somebody new whose box is covered by others' to this share is told of only after `doubtful_frames`."""
    doubtful_frames: int = 3
    """Without conflict; see `doubtful_cover`. Raised: fewer phantoms, later news of people close together."""
    settled_frames: int = 10
    """Somebody seen for so long without conflict stays through any later one, as when people pass each other."""
    conflict_frames: int = 3
    """Frames of conflict after which somebody not yet settled was a phantom."""


@dataclass(slots=True)
class _Followed:
    number: int
    region: Region
    """Where to look in the next frame."""
    pose: Pose
    moved: float
    """Distance of the centre from the frame before, in region sizes."""
    clear_frames: int = 0
    """Seen without conflict for so many frames."""
    conflicts: int = 0
    """Frames in conflict with somebody followed for longer."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    detection: Detection
    rival: int | None
    """Number of the followed person it would correct; None for somebody new."""


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
        people = self._without_phantoms(self._without_duplicates(kept))
        if lost or len(people) < before:
            self._alert = self._config.alert_frames
        self._followed = people
        return _people(self._believed(people), width, height)

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
        return [turn.next()]

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

    def _follow(self, bgr: NDArray[np.uint8], cut: bool) -> tuple[list[_Followed], list[_Followed]]:
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

    def _admit(self, bgr: NDArray[np.uint8], kept: list[_Followed], candidates: Sequence[_Candidate]) -> None:
        """Adds to `kept` the candidates in whom the keypoint model sees a person, the clearest first."""
        poses = landmark.estimate(self._inference, bgr, [c.detection.region for c in candidates])
        seen = [
            (pose, candidate)
            for pose, candidate in zip(poses, candidates, strict=True)
            if pose.presence >= self._config.presence_min and self._is_seen(pose)
        ]
        for pose, candidate in sorted(seen, key=lambda pair: -pair[0].presence * pair[1].detection.score):
            rivals = [one for one in kept if self._conflict(pose, one.pose)]
            if candidate.rival is not None:
                rivals = [one for one in kept if one.number == candidate.rival]
            if not rivals and candidate.rival is None and len(kept) < self._config.max_people:
                self._numbers += 1
                kept.append(_Followed(self._numbers, pose.next_region, pose, math.inf))
            elif len(rivals) == 1 and self._prevails(candidate, pose, rivals[0].pose):
                rivals[0].pose, rivals[0].region = pose, pose.next_region

    def _conflict(self, new: Pose, old: Pose) -> bool:
        iou, cover, _ = box_overlap(new, old)
        return (
            iou > self._config.conflict_iou
            or cover > self._config.conflict_cover
            or joint_distance(old, new) < self._config.duplicate_distance
            or shared_joints(new, old) >= self._config.conflict_joints
        )

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
        kept: list[_Followed],
        lost: Sequence[_Followed],
        everywhere: bool,
    ) -> None:
        """Looks at once for people who were lost, around where they were and in the whole frame."""
        width, height = self._size
        windows = [window_around(one.region, width, height) for one in lost]
        if everywhere:
            windows += turn.fine
        elif not kept:
            windows.append(turn.coarse[0])
        present = {one.number for one in kept}
        self._admit(bgr, kept, [_Candidate(detection, None) for detection in self._detect(bgr, windows)])
        for old in lost:
            near = [k for k in kept if k.number not in present and region_iou(k.region, old.region) > 0.2]
            if near and not everywhere:
                near[0].number = old.number
                present.add(old.number)

    def _without_duplicates(self, people: Sequence[_Followed]) -> list[_Followed]:
        """When two regions slide onto one person, the one that moved less, its own, is kept."""
        kept: list[_Followed] = []
        for one in sorted(people, key=lambda p: p.moved):
            if all(joint_distance(one.pose, other.pose) > self._config.duplicate_distance for other in kept):
                kept.append(one)
        return kept

    def _without_phantoms(self, people: Sequence[_Followed]) -> list[_Followed]:
        """Drops poses made up of parts of others that were taken for people."""
        kept: list[_Followed] = []
        for one in sorted(people, key=lambda p: -p.clear_frames):
            if not any(self._conflict(one.pose, other.pose) for other in kept):
                one.clear_frames += 1
                one.conflicts = 0
            elif one.clear_frames < self._config.settled_frames:
                one.conflicts += 1
            if one.conflicts < self._config.conflict_frames:
                kept.append(one)
        return kept

    def _believed(self, people: Sequence[_Followed]) -> list[_Followed]:
        """Leaves out those who may turn out to be phantoms; `people` come in order of how long they are followed."""
        told: list[_Followed] = []
        for one in people:
            new = one.clear_frames < self._config.doubtful_frames
            covered = new and any(
                box_overlap(one.pose, other.pose)[1] > self._config.doubtful_cover
                for other in people
                if other is not one
            )
            if not told or not (one.conflicts or covered):
                told.append(one)
        return told


def _disagree(a: Region, b: Region) -> bool:
    turned = abs((a.rotation - b.rotation + math.pi) % (2 * math.pi) - math.pi)
    return turned > 0.5 or region_iou(a, b) < 0.6


def _people(followed: Sequence[_Followed], width: int, height: int) -> People:
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
