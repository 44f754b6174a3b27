"""`spotter watch` as a person runs it, with the whole mesh behind it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from mesh.launcher.layout import PROJECT_DIR


class Watch:
    """The command as a process, its own mesh on free ports."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._home = home
        self._arguments = arguments
        self.lines: list[str] = []

    async def start(self) -> None:
        environment = os.environ | {"SPOTTER_HOME": str(self._home), "SPOTTER_PORTS": "free"}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "spotter_cli",
            "watch",
            "--no-browser",
            *self._arguments,
            env=environment,
            cwd=PROJECT_DIR,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def read_until(self, text: str) -> None:
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode():
            self.lines.append(line)
            if text in line:
                return
        pytest.fail("".join(self.lines))

    async def end(self) -> tuple[int, str]:
        output, _ = await self.process.communicate()
        return self.process.returncode or 0, "".join(self.lines) + output.decode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    unpacked = PROJECT_DIR / ".spotter" / "bin"
    if unpacked.is_dir():
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "bin").symlink_to(unpacked)
    return tmp_path / "home"


@pytest.fixture
def squats(shared_dir: Path) -> Path:
    if not any((PROJECT_DIR / "triton_models" / "repository").glob("*/*/*.onnx")):
        pytest.skip("the models aren't built: python -m triton_models")
    return shared_dir / "videos" / "squat_side_correct_navyaman.mp4"


async def test_sources_that_cannot_be_read_are_told_and_the_others_go_on(
    home: Path, squats: Path, tmp_path: Path
) -> None:
    text, summary = tmp_path / "text.mp4", tmp_path / "out" / "summary.json"
    text.write_text("this is no video")
    watch = Watch(home, str(text), str(squats), "ftp://cam/stream", "--fast", "--summary", str(summary))
    await watch.start()
    code, output = await watch.end()
    assert code == 1, output
    assert "isn't a video" in output and "'ftp' aren't allowed" in output
    found = json.loads(summary.read_text())
    assert [(source["uri"], source["frames"] > 0) for source in found["sources"]] == [
        (str(text), False),
        (str(squats), True),
    ]
    assert [(one["exercise"], one["reps"]) for one in found["people"][0]["sets"]] == [("squat", 2)]
    assert found["latency_ms"]["event_to_client"]["p50"] is not None


async def test_ctrl_c_ends_it_quickly_and_the_summary_is_written(home: Path, squats: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    watch = Watch(home, str(squats), "--summary", str(summary))
    await watch.start()
    await watch.read_until("squat 1")
    watch.process.send_signal(signal.SIGINT)
    code, output = await asyncio.wait_for(watch.end(), 30)
    assert code == 0, output
    assert json.loads(summary.read_text())["sources"][0]["analysed"] > 0
    assert not (home / "run" / "mesh.json").exists()
