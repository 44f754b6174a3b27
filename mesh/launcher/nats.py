"""NATS with JetStream: finds or fetches `nats-server`, and describes it as a part."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from mesh.launcher.errors import MissingTool
from mesh.launcher.layout import LOOPBACK, PROJECT_DIR, Layout
from mesh.launcher.process import Part
from mesh.launcher.secrets import write_private

PROGRAM = "nats-server"
HOW_TO_GET_IT = (
    "nats-server is missing, and this machine has no apt to unpack it from Debian's package. Get it with your system's "
    "package manager (brew install nats-server, dnf install nats-server, apk add nats-server) or from "
    "https://nats.io/download, and put it on PATH or into {folder}."
)


def part(layout: Layout, program: Path, port: int, token: str) -> Part:
    """The server on a loopback port. Its token is in a private file, not on the command line that everybody sees."""
    config = layout.run / "nats.conf"
    write_private(config, configuration(layout.data / "nats", port, token))
    return Part(
        name="nats",
        command=(str(program), "-c", str(config)),
        environment={"PATH": os.environ.get("PATH", os.defpath), "GOMEMLIMIT": "256MiB"},
        working_dir=layout.data,
        probe=lambda: _probe(port, token),
    )


def configuration(store_dir: Path, port: int, token: str) -> str:
    """Text of the server's configuration file."""
    return f"""server_name: spotter
listen: "{LOOPBACK}:{port}"
max_payload: 1MB
authorization {{ token: "{token}" }}
jetstream {{ store_dir: "{store_dir}", max_memory_store: 64MB, max_file_store: 4GB }}
"""


def url(port: int, token: str) -> str:
    """Address with the token in it."""
    return f"nats://{token}@{LOOPBACK}:{port}"


def find(layout: Layout) -> Path | None:
    """The program on PATH, where Debian installs it, or unpacked in the home or the checkout; None where absent."""
    found = shutil.which(PROGRAM, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if found is not None:
        return Path(found)
    candidates = (layout.bin / PROGRAM, Layout(PROJECT_DIR / ".spotter").bin / PROGRAM)
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def find_or_fetch(layout: Layout, progress: Callable[[str], None] = lambda line: None) -> Path:
    """The program; unpacks it from Debian's package where it isn't there. Needs no root, installs nothing.

    Raises MissingTool, with what to do, where it can't be had.
    """
    found = find(layout)
    if found is not None:
        return found
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise MissingTool(HOW_TO_GET_IT.format(folder=layout.bin))
    progress("unpacking nats-server from Debian's package (4 MB)")
    layout.bin.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spotter-nats-") as scratch:
        package = _download(Path(scratch))
        _run(["dpkg", "-x", str(package), scratch], Path(scratch))
        new = layout.bin / f".{PROGRAM}.new"
        shutil.copy2(next(Path(scratch).rglob(f"*bin/{PROGRAM}")), new)
        new.replace(layout.bin / PROGRAM)
    return layout.bin / PROGRAM


def _download(folder: Path) -> Path:
    try:
        _run(["apt-get", "download", PROGRAM], folder)
    except MissingTool:
        # A fresh machine has no package lists yet; they are fetched into a folder of our own, so no root is needed.
        state = [f"-oDir::State={folder}/state", f"-oDir::Cache={folder}/cache", "-oDir::State::status=/dev/null"]
        for name in ("state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        _run(["apt-get", *state, "update"], folder)
        _run(["apt-get", *state, "download", PROGRAM], folder)
    return next(folder.glob(f"{PROGRAM}_*.deb"))


def _run(command: list[str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise MissingTool(
            f"nats-server is missing, and `{command[0]}` could not unpack it: {result.stderr.strip()[-500:]} "
            "Install it by hand, or put it on PATH (https://nats.io/download)."
        )


async def _probe(port: int, token: str) -> None:
    """Speaks the first lines of the protocol: a client library retries for seconds where a refusal is the answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        greeting = json.loads((await reader.readline()).removeprefix(b"INFO "))
        hello = {"auth_token": token, "verbose": False, "pedantic": False, "lang": "python", "name": "launcher"}
        writer.write(b"CONNECT " + json.dumps(hello).encode() + b"\r\nPING\r\n")
        if await reader.readline() != b"PONG\r\n" or not greeting.get("jetstream"):
            raise ConnectionError("JetStream isn't ready")
    finally:
        writer.close()
