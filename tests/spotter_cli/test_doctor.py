"""What the doctor says about a machine where something is missing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.launcher import LauncherSettings
from mesh.launcher.layout import PROJECT_DIR
from spotter_cli.checks import Finding, findings


def _by_name(settings: LauncherSettings) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings(settings)}


def test_what_is_missing_is_told_with_the_way_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    nowhere = tmp_path / "nowhere"
    found = _by_name(LauncherSettings(home=tmp_path, ports="free", web_dir=nowhere, model_repository=nowhere))
    assert {name for name, finding in found.items() if finding.needed and not finding.ok} >= {"pose models", "web app"}
    assert "make models" in found["pose models"].remedy
    assert "install Node" in found["web app"].remedy
    assert "50 people" in found["yolo11_pose"].found and not found["yolo11_pose"].needed
    assert "--accept AGPL-3.0" in found["yolo11_pose"].remedy
    assert not found["ANTHROPIC_API_KEY"].needed
    assert found["Python"].ok and found["PostgreSQL"].ok and found["Envoy"].ok


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        found = _by_name(LauncherSettings(home=tmp_path, public_port=squatter.getsockname()[1]))
    assert not found["ports"].ok
    assert str(os.getpid()) in found["ports"].found


def test_the_ports_of_a_mesh_that_runs_here_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mesh.json").write_text(json.dumps({"public_url": "http://192.0.2.7:8080"}))
    assert _by_name(LauncherSettings(home=tmp_path))["ports"].found == "a mesh runs at http://192.0.2.7:8080"


def test_the_exit_code_is_1_where_something_needed_is_missing(tmp_path: Path) -> None:
    environment = os.environ | {"SPOTTER_HOME": str(tmp_path), "SPOTTER_WEB_DIR": str(tmp_path / "nowhere")}
    command = [sys.executable, "-m", "spotter_cli", "doctor"]
    result = subprocess.run(command, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "missing  web app" in result.stdout
    assert "needed parts are missing" in result.stdout
