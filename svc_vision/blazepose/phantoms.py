"""Who is really there: poses found twice, and phantoms put together from other people's limbs."""

from collections.abc import Sequence
from dataclasses import dataclass

from svc_vision.blazepose.compare import box_overlap, joint_distance, shared_joints
from svc_vision.blazepose.config import PoseTrackerConfig
from svc_vision.blazepose.geometry import Region
from svc_vision.blazepose.landmark import Pose


@dataclass(slots=True)
class Followed:
    """Somebody who is followed from frame to frame."""

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


def conflict(config: PoseTrackerConfig, new: Pose, old: Pose) -> bool:
    """Whether a newly found pose can hardly be another person than `old`."""
    iou, cover, _ = box_overlap(new, old)
    return (
        iou > config.conflict_iou
        or cover > config.conflict_cover
        or joint_distance(old, new) < config.duplicate_distance
        or shared_joints(new, old) >= config.conflict_joints
    )


def without_duplicates(config: PoseTrackerConfig, people: Sequence[Followed]) -> list[Followed]:
    """When two regions slide onto one person, the one that moved less, its own, is kept."""
    kept: list[Followed] = []
    for one in sorted(people, key=lambda p: p.moved):
        if all(joint_distance(one.pose, other.pose) > config.duplicate_distance for other in kept):
            kept.append(one)
    return kept


def without_phantoms(config: PoseTrackerConfig, people: Sequence[Followed]) -> list[Followed]:
    """Drops poses made up of parts of others that were taken for people."""
    kept: list[Followed] = []
    for one in sorted(people, key=lambda p: -p.clear_frames):
        if not any(conflict(config, one.pose, other.pose) for other in kept):
            one.clear_frames += 1
            one.conflicts = 0
        elif one.clear_frames < config.settled_frames:
            one.conflicts += 1
        if one.conflicts < config.conflict_frames:
            kept.append(one)
    return kept


def believed(config: PoseTrackerConfig, people: Sequence[Followed]) -> list[Followed]:
    """Leaves out those who may turn out to be phantoms; `people` come in order of how long they are followed."""
    told: list[Followed] = []
    for one in people:
        new = one.clear_frames < config.doubtful_frames
        covered = new and any(
            box_overlap(one.pose, other.pose)[1] > config.doubtful_cover for other in people if other is not one
        )
        if not told or not (one.conflicts or covered):
            told.append(one)
    return told
