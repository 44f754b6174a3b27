"""Homes for meshes that consist of PostgreSQL, NATS and Envoy only."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.launcher import LauncherSettings, nats
from mesh.launcher.layout import PROJECT_DIR, Layout


@pytest.fixture(scope="session", autouse=True)
def nats_server() -> Path:
    """nats-server, unpacked once for all tests."""
    return nats.find_or_fetch(Layout(PROJECT_DIR / ".spotter"))


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home. Not pytest's own folder: that one turns unreachable for PostgreSQL's user in a parallel run."""
    folder = Path(tempfile.mkdtemp(prefix="spotter-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def settings(home: Path) -> LauncherSettings:
    """Free ports, no services."""
    return LauncherSettings(home=home, ports="free", services=(), shutdown_grace_s=5)
