"""A real Triton server for tests, supervised as the launcher does it, on a thread of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from urllib.request import urlopen

import psutil
import pytest

from mesh.launcher import MissingTool, triton, triton_install
from mesh.launcher.layout import LOOPBACK, PROJECT_DIR, Layout, free_ports
from mesh.launcher.process import Supervised

TIMEOUT_S = 60.0


class TritonServer:
    """Runs between `with TritonServer(repository) as server:` and its end. Skips the test where it can't be had."""

    def __init__(self, repository: Path) -> None:
        try:
            environment = triton_install.find_or_install(Layout(PROJECT_DIR / ".spotter"))
        except MissingTool as error:
            pytest.skip(f"no Triton server here: {error}")
        ports = free_ports(triton=True).triton
        assert ports is not None
        self.ports = ports
        self.address = f"{LOOPBACK}:{ports.grpc}"
        self.repository = repository
        self.layout = Layout(Path(tempfile.mkdtemp(prefix="spotter-triton-")))
        self.layout.create()
        part = triton.part(self.layout, environment, repository, ports)
        self.said: list[str] = []
        self._supervised = Supervised(
            part, self.layout.logs / "triton.log", lambda _, what: self.said.append(what), print, grace_s=10
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="triton")

    def __enter__(self) -> TritonServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._supervised.start(), self._loop).result(TIMEOUT_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._supervised.stop(), self._loop).result(TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        triton.clear(self.layout)
        shutil.rmtree(self.layout.home)

    def stubs(self, model: str) -> list[psutil.Process]:
        """Processes that hold a model now."""
        found = []
        for process in psutil.Process(self._supervised.pid).children(recursive=True):
            with suppress(psutil.Error):  # Those that were killed stay as zombies; the server doesn't ask for them.
                if any(f"/{model}/" in word for word in process.cmdline()):
                    found.append(process)
        return found

    def kill(self) -> None:
        """Kills the server as the kernel would; it is started again by itself."""
        psutil.Process(self._supervised.pid).kill()

    def wait_until_back(self) -> None:
        """Returns when a killed server is ready again."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while not any("back after" in line for line in self.said) and time.monotonic() < deadline_s:
            time.sleep(0.05)

    def metric(self, name: str, model: str) -> float:
        """One of Triton's own metrics, summed over the versions of a model."""
        with urlopen(f"http://{LOOPBACK}:{self.ports.metrics}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f'{name}{{model="{model}"'))

    def log(self) -> str:
        """What it wrote."""
        return (self.layout.logs / "triton.log").read_text()


@contextmanager
def serving(source: Path, target: Path, models: list[str]) -> Iterator[TritonServer]:
    """A server over copies of some models of a repository."""
    for model in models:
        shutil.copytree(source / model, target / model)
    with TritonServer(target) as server:
        yield server
