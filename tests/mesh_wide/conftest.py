"""One real mesh for all tests of this folder: PostgreSQL, NATS, Envoy and the six services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.scene import SampleGym, render_sample
from tests.mesh_wide.gym import RunningGym, running_gym


@pytest.fixture(scope="package")
def gym() -> Iterator[RunningGym]:
    """The mesh, ready. Every test attaches its own cameras and detaches them."""
    with running_gym() as running:
        yield running


@pytest.fixture(scope="session")
def sample() -> SampleGym:
    """The sample gym; drawn once, kept where `spotter demo` keeps it."""
    return render_sample(PROJECT_DIR / ".spotter" / "sample")
