"""Settings of the YOLO finder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class YoloConfig:
    """What counts as a person; what happens when each is raised."""

    long_side_px: int = 640
    """Of the picture that the model gets, a multiple of 32. Raised: people farther away are seen; cost grows with its
    square."""
    max_people: int = 50
    """More are left out, the least sure first."""
    sure_score: float = 0.5
    """Boxes from here on may start a track. Raised: fewer false people, those half hidden are seen later."""
    score_min: float = 0.1
    """Boxes below are ignored. Raised: hidden people lose their track sooner."""
    same_box: float = 0.7
    """Boxes whose intersection over union is greater are one person. Raised: more people found twice, fewer who stand
    close together lost."""
    same_joints: float = 0.12
    """Two poses whose joints lie nearer on the mean, in roots of the smaller box's area, are one person. Raised: as a
    lower `same_box`."""
    seen_joint: float = 0.5
    """A joint from this confidence on takes part in that comparison."""
