"""A part that never works, that hangs, that won't end; and the arithmetic of the budget."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from mesh.launcher import PartFailed
from mesh.launcher.process import Part, RestartBudget, Supervised
from tests.mesh.launcher.waiting import until


async def _answers() -> None:
    return None


async def _never_answers() -> None:
    raise ConnectionError


def _supervised(tmp_path: Path, program: str, **changes: object) -> tuple[Supervised, list[str], list[PartFailed]]:
    lines: list[str] = []
    failures: list[PartFailed] = []
    values = {"name": "odd", "command": (sys.executable, "-c", program), "probe": _answers, **changes}
    part = Part(environment=dict(os.environ), **values)  # type: ignore[arg-type]
    log_file = tmp_path / "logs" / "odd.log"
    return Supervised(part, log_file, lambda _, what: lines.append(what), failures.append, 0.3), lines, failures


async def test_a_part_that_ends_before_it_is_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    supervised, _, _ = _supervised(tmp_path, "raise SystemExit('no camera')", probe=_never_answers)
    with pytest.raises(PartFailed, match=r'odd ended \(exit code 1\).*"no camera".*logs/odd\.log'):
        await supervised.start()


async def test_a_part_that_never_becomes_ready_is_told(tmp_path: Path) -> None:
    supervised, _, _ = _supervised(tmp_path, "import time; time.sleep(60)", probe=_never_answers, ready_timeout_s=0.3)
    with pytest.raises(PartFailed, match="takes longer than 0 s before it was ready"):
        await supervised.start()
    await supervised.stop()


async def test_a_part_that_ignores_the_request_to_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )

    async def deaf() -> None:
        if "deaf" not in supervised.log_file.read_text():
            raise ConnectionError

    supervised, lines, failures = _supervised(tmp_path, program, probe=deaf)
    await supervised.start()
    began_s = time.monotonic()
    await supervised.stop()
    assert 0.3 <= time.monotonic() - began_s < 3
    assert lines[-1] == "didn't end within 0 s and was killed"
    assert failures == []


async def test_a_preparation_that_fails_on_restart_is_not_lost(tmp_path: Path) -> None:
    prepared = []

    async def prepare() -> None:
        prepared.append(1)
        if len(prepared) > 1:
            raise OSError("disk full")

    supervised, _, failures = _supervised(tmp_path, "import time; time.sleep(60)", prepare=prepare)
    await supervised.start()
    os.kill(supervised.pid, signal.SIGKILL)
    await until(lambda: bool(failures))
    assert "odd can't be started again: disk full" in str(failures[0])
    await supervised.stop()


def test_the_budget_grants_five_restarts_a_minute_the_first_at_once() -> None:
    budget = RestartBudget()
    assert [budget.take(now_s) for now_s in (0, 1, 2, 3, 4)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert budget.take(59.9) is None
    assert budget.take(60.0) is not None
