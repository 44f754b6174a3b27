"""What a tracker knows of everybody who has an id: where they were seen last, what they look like, who hid them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from svc_vision.tracking.config import TrackerConfig
from svc_vision.tracking.gallery import Appearance, Gallery

RIVAL_SLACK = 0.15
"""By so much somebody else may look more like a new track than who was lost near it."""
Box = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Life:
    """One id of this camera."""

    number: int
    box: Box
    """(4,) xyxy px where they were seen last."""
    seen_s: float
    gallery: Gallery = field(default_factory=Gallery)
    tangled: set[int] = field(default_factory=set)
    """Ids whose box lay over theirs since both were last told apart."""
    colours_s: float = -np.inf
    embedding_s: float = -np.inf
    """When each kind was described last."""

    @property
    def free(self) -> bool:
        """Nobody may have taken their track: what it shows may be learned."""
        return not self.tangled


def nearness(life: Life, box: Box, time_s: float, config: TrackerConfig) -> float:
    """0 (out of reach, or too long ago) to 1 (the same place): how well a box continues somebody who was lost."""
    height = float(max(life.box[3] - life.box[1], box[3] - box[1], 1.0))
    gap_s = max(time_s - life.seen_s, 0.0)
    if gap_s > config.near_s:
        return 0.0
    reach = height * min(config.near_reach + config.near_reach_per_s * gap_s, config.near_reach_limit)
    apart = (life.box[:2] + life.box[2:] - box[:2] - box[2:]) / 2
    return max(0.0, 1.0 - float(np.hypot(apart[0], apart[1])) / reach)


def return_score(
    life: Life, others: list[Life], box: Box, seen: Appearance, time_s: float, config: TrackerConfig
) -> float:
    """0 where a new track isn't somebody who was lost, else how surely it is, up to 1.

    Args:
        life: who was lost.
        others: everybody else who is known; if they look the same, looks prove nothing.
        box: (4,) xyxy px of the new track.
        seen: what it looks like.
        time_s: now.
        config: parameters.
    """
    alike = life.gallery.likeness(seen)
    if alike is None or alike <= 0.0:
        return 0.0
    near = nearness(life, box, time_s, config)
    score = (near + alike) / 2
    rival = max((other.gallery.likeness(seen) or 0.0 for other in others), default=0.0)
    if near > 0.0 and score >= config.near_score and alike >= config.near_likeness and alike >= rival - RIVAL_SLACK:
        return score
    if alike >= config.far_likeness and alike - rival >= config.far_margin:
        return alike / 2
    return 0.0
