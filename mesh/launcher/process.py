"""One supervised child process: started, probed, watched, restarted within a budget, drained and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mesh.launcher.errors import LauncherError, PartFailed

TETHER = Path(__file__).with_name("tether.py")
PROBE_INTERVAL_S = 0.05
PROBE_TIMEOUT_S = 2.0
LOG_LIMIT_BYTES = 20 * 2**20

Say = Callable[[str, str], None]
"""Takes the name of a part and what happened to it."""


@dataclass(frozen=True)
class Part:
    """What is to run, and how one sees that it does."""

    name: str
    command: tuple[str, ...]
    """Program (absolute path) and arguments."""
    probe: Callable[[], Awaitable[None]]
    """Returns where the part does its work, raises where it doesn't yet."""
    environment: dict[str, str] = field(default_factory=dict)
    """The whole environment of the process."""
    working_dir: Path = Path("/")
    prepare: Callable[[], Awaitable[None]] | None = None
    """Runs before each start, for instance to clear what a killed predecessor left."""
    user: tuple[int, int] | None = None
    """uid and gid to run as; None means ours."""
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends to the part when this process ends without having stopped it."""
    ready_timeout_s: float = 60.0


@dataclass
class RestartBudget:
    """At most `limit` restarts in `window_s`. The first comes at once, later ones after growing pauses."""

    limit: int = 5
    window_s: float = 60.0
    _restarts: deque[float] = field(default_factory=deque)

    def take(self, now_s: float) -> float | None:
        """Takes one restart: the pause before it in s, or None where the budget is used up."""
        while self._restarts and now_s - self._restarts[0] >= self.window_s:
            self._restarts.popleft()
        if len(self._restarts) >= self.limit:
            return None
        self._restarts.append(now_s)
        return 0.25 * (len(self._restarts) - 1)


class Supervised:
    """Keeps one part running. `start` returns when it is ready; `failed` is called when the budget is used up."""

    def __init__(
        self, part: Part, log_file: Path, say: Say, failed: Callable[[PartFailed], None], grace_s: float
    ) -> None:
        self.part = part
        self.log_file = log_file
        self.restarts = 0
        self._say = say
        self._failed = failed
        self._grace_s = grace_s
        self._budget = RestartBudget()
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._is_ready = asyncio.Event()
        self._stopping = False

    @property
    def pid(self) -> int:
        """Process id of the newest start. Raises PartFailed where it was never started."""
        if self._process is None:
            raise PartFailed(self.part.name, f"{self.part.name} was never started.")
        return self._process.pid

    @property
    def ready(self) -> bool:
        """True from the probe's first success until the process ends."""
        return self._is_ready.is_set()

    async def start(self) -> None:
        """Starts it and waits until it is ready. Raises PartFailed where it ends before, or takes too long."""
        began_s = time.monotonic()
        process = await self._spawn()
        if not await self._becomes_ready(process):
            code = process.returncode
            why = f"takes longer than {self.part.ready_timeout_s:.0f} s" if code is None else f"ended ({_cause(code)})"
            raise PartFailed(self.part.name, self._sentence(f"{why} before it was ready"))
        self._say(self.part.name, f"ready in {time.monotonic() - began_s:.1f} s (pid {process.pid})")
        self._watcher = asyncio.create_task(self._watch(process), name=f"watch {self.part.name}")

    async def wait_ready(self) -> None:
        """Returns as soon as the part is ready (again)."""
        await self._is_ready.wait()

    async def stop(self) -> None:
        """Asks it to end, waits for the grace, then kills it. Does nothing where it isn't running."""
        self._stopping = True
        if self._watcher is not None and not self.ready:  # It may just be starting the part again.
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        process = self._process
        if process is not None and process.returncode is None:
            _send(process, self.part.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self._grace_s)
            except TimeoutError:
                self._say(self.part.name, f"didn't end within {self._grace_s:.0f} s and was killed")
                _send(process, signal.SIGKILL)
                await process.wait()
        if self._watcher is not None:
            await asyncio.gather(self._watcher, return_exceptions=True)
        self._is_ready.clear()

    async def _spawn(self) -> asyncio.subprocess.Process:
        if self.part.prepare is not None:
            await self.part.prepare()
        user = "-" if self.part.user is None else f"{self.part.user[0]}:{self.part.user[1]}"
        tether = (sys.executable, "-I", "-S", str(TETHER), str(int(self.part.death_signal)), user, str(os.getpid()))
        with _open_log(self.log_file) as log:
            self._process = await asyncio.create_subprocess_exec(
                *tether,
                *self.part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.part.environment,
                cwd=self.part.working_dir,
                start_new_session=True,
            )
        return self._process

    async def _becomes_ready(self, process: asyncio.subprocess.Process) -> bool:
        ended = asyncio.create_task(process.wait())
        probing = asyncio.create_task(self._probe())
        try:
            await asyncio.wait({ended, probing}, timeout=self.part.ready_timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if probing.done() and not ended.done():
                self._is_ready.set()
                return True
            return False
        finally:
            for task in (ended, probing):
                task.cancel()
            await asyncio.gather(ended, probing, return_exceptions=True)

    async def _probe(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self.part.probe(), PROBE_TIMEOUT_S)
                return
            except Exception:  # A probe of a part that is not up fails in as many ways as there are parts.
                await asyncio.sleep(PROBE_INTERVAL_S)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        try:
            while True:
                code = await process.wait()
                self._is_ready.clear()
                if self._stopping:
                    return
                self._say(self.part.name, f"died ({_cause(code)}); starting it again")
                process = await self._restart()
        except PartFailed as failure:
            self._failed(failure)
        except (OSError, LauncherError) as error:
            self._failed(PartFailed(self.part.name, self._sentence(f"can't be started again: {error}")))

    async def _restart(self) -> asyncio.subprocess.Process:
        began_s = time.monotonic()
        while (pause_s := self._budget.take(time.monotonic())) is not None:
            await asyncio.sleep(pause_s)
            process = await self._spawn()
            self.restarts += 1
            if await self._becomes_ready(process):
                self._say(self.part.name, f"back after {time.monotonic() - began_s:.1f} s (pid {process.pid})")
                return process
            if process.returncode is None:
                _send(process, signal.SIGKILL)
                await process.wait()
        budget = f"{self._budget.limit} restarts in {self._budget.window_s:.0f} s"
        raise PartFailed(self.part.name, self._sentence(f"died again after {budget}"))

    def _sentence(self, what: str) -> str:
        last = _last_line(self.log_file)
        words = f' Its last line: "{last}".' if last else ""
        return f"{self.part.name} {what}.{words} Its log: {self.log_file}"


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _last_line(path: Path, limit: int = 300) -> str:
    try:
        lines = [line.strip() for line in path.read_text(errors="replace")[-4096:].splitlines() if line.strip()]
    except OSError:
        return ""
    return lines[-1][:limit] if lines else ""
