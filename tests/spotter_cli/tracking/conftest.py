"""Two people whose ways cross, seen small and drawn once."""

from __future__ import annotations

import numpy as np
import pytest

from spotter_cli.scene import CameraSpec, MirrorSpec, SceneSpec, Sight, Stand, Visitor, Walk
from spotter_cli.scene.sight import HIDDEN, clipped
from spotter_cli.tracking.films import Film, prepare_film
from spotter_cli.tracking.tracks import TrackedFrame, Tracks

SMALL = CameraSpec((2.4, -4.2, 2.0), (-0.9, 0.4, 0.9), 70, 320, 180)


@pytest.fixture(scope="session")
def crossing() -> SceneSpec:
    """Two people pass each other, before a mirror."""
    return SceneSpec(
        (
            Visitor("blue", (-0.6, 0.2), (Stand(0.2), Walk((1.2, 0.5)))),
            Visitor("rose", (1.0, 0.9), (Walk((-1.2, 0.6)),)),
        ),
        SMALL,
        duration_s=1.4,
        mirror=MirrorSpec("left", -2.6, 2.4),
    )


@pytest.fixture(scope="session")
def film(crossing: SceneSpec, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Their film."""
    return prepare_film("crossing", crossing, tmp_path_factory.mktemp("scenes"), workers=0)


@pytest.fixture(scope="session")
def sight(film: Film) -> Sight:
    """What is true about it."""
    return film.sight()


@pytest.fixture
def perfect(sight: Sight) -> Tracks:
    """Tracks without a mistake: person p has id p + 1."""
    frames = []
    for index in range(len(sight)):
        boxes = [clipped(box, sight.size_px[index]) for box in sight.boxes[index]]
        seen = [p for p, box in enumerate(boxes) if box is not None and sight.visibility[index, p] >= HIDDEN]
        frames.append(TrackedFrame(np.array(seen, np.int64) + 1, np.array([boxes[p] for p in seen]).reshape(-1, 4)))
    return frames
