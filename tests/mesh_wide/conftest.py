"""One real mesh for all tests of this folder: PostgreSQL, NATS, Envoy and the six services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.scene import SampleGym, render_sample
from tests.mesh_wide.browser import Browser, find_chromium, launched
from tests.mesh_wide.gym import RunningGym, running_gym


@pytest.fixture(scope="package")
def gym() -> Iterator[RunningGym]:
    """The mesh, ready. Every test attaches its own cameras and detaches them."""
    with running_gym() as running:
        yield running


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser that can show the web app; its pages end with the test."""
    yield chromium
    chromium.close_pages()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The one browser of all tests."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium on PATH; install the package chromium")
    if not (PROJECT_DIR / "svc_edge_api" / "web" / "dist" / "index.html").is_file():
        pytest.skip("the web app isn't built; `make web` builds it where Node.js is there")
    with launched(program) as running:
        yield running


@pytest.fixture(scope="session")
def sample() -> SampleGym:
    """The sample gym; drawn once, kept where `spotter demo` keeps it."""
    return render_sample(PROJECT_DIR / ".spotter" / "sample")
