from __future__ import annotations

import pytest

from mesh.launcher.layout import free_ports


@pytest.fixture
def port() -> int:
    return free_ports().services["motion"]
