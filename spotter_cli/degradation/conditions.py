"""The conditions: what happens to a film's pictures before the eye sees them, and to keypoints before motion does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from spotter_cli.replay.reel import NS_PER_S
from svc_motion.observation import BLAZEPOSE_TO_COCO, KeypointSchema, Observation
from svc_vision.eye import Waiting
from svc_vision.picture import Picture

DROPPED_SHARE: Final = 0.2
SLOW_HZ: Final = 10.0

PictureChange = Callable[[Iterator[Waiting]], Iterator[Waiting]]
KeypointChange = Callable[[Observation, np.random.Generator], Observation]


@dataclass(frozen=True)
class Condition:
    """One way in which the input is worse."""

    name: str
    film: str = "whole"
    """Which of FILM_CHANGES its keypoints are seen in; several conditions share one."""
    keypoints: KeypointChange | None = None


def slowed(pictures: Iterator[Waiting]) -> Iterator[Waiting]:
    """At most SLOW_HZ pictures a second, as a camera of that rate gives them."""
    due_ns = 0
    for picture in pictures:
        if picture.unit.capture_time_ns >= due_ns:
            due_ns = max(due_ns, picture.unit.capture_time_ns) + round(0.98 * NS_PER_S / SLOW_HZ)
            yield picture


def halved(pictures: Iterator[Waiting]) -> Iterator[Waiting]:
    """Half the width and half the height, each pixel the mean of those it stands for."""
    for picture in pictures:
        size = (max(2, picture.picture.width // 2), max(2, picture.picture.height // 2))
        small = cv2.resize(picture.picture.bgr(), size, interpolation=cv2.INTER_AREA)
        yield replace(picture, picture=Picture.of(np.ascontiguousarray(small, dtype=np.uint8)))


def mirrored(pictures: Iterator[Waiting]) -> Iterator[Waiting]:
    """Left and right exchanged, as in a mirror."""
    for picture in pictures:
        yield replace(picture, picture=Picture.of(np.ascontiguousarray(picture.picture.bgr()[:, ::-1])))


def flat(observation: Observation, _rng: np.random.Generator) -> Observation:
    """Only the 17 joints that every pose model has, in the picture: no feet, no depth."""
    if observation.schema is KeypointSchema.COCO_17:
        return replace(observation, world=None)
    keypoints = observation.keypoints[list(BLAZEPOSE_TO_COCO)]
    return replace(observation, keypoints=keypoints, schema=KeypointSchema.COCO_17, world=None)


def dropped(observation: Observation, rng: np.random.Generator) -> Observation:
    """Each joint is lost with a chance of DROPPED_SHARE, anew in every look."""
    keypoints = observation.keypoints.copy()
    keypoints[rng.random(len(keypoints)) < DROPPED_SHARE, 2] = 0.0
    return replace(observation, keypoints=keypoints)


FILM_CHANGES: Final[dict[str, PictureChange]] = {
    "whole": lambda pictures: pictures,
    "slow": slowed,
    "half": halved,
    "mirror": mirrored,
}
CONDITIONS: Final = (
    Condition("as it is"),
    Condition("2D only (17 joints, no feet, no depth)", keypoints=flat),
    Condition(f"{SLOW_HZ:.0f} fps", "slow"),
    Condition("half resolution", "half"),
    Condition("mirrored", "mirror"),
    Condition(f"{100 * DROPPED_SHARE:.0f} % of joints dropped", keypoints=dropped),
)
