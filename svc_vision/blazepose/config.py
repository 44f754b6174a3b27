"""Settings of the pose tracker."""

from dataclasses import dataclass


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
