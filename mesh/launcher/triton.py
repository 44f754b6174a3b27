"""NVIDIA's Triton Inference Server as a part: the real server, from the `nvidia-pytriton` wheel, without a container.

The wheel holds a server with the `python` backend only, and its stub needs a numpy that the services don't use. So it
lives in an environment of its own, made once, and our `triton_models/backends/onnxruntime` stands in for the backend
that NVIDIA's image has in C++. Nothing of the wheel's own Python code is ever imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

import psutil

from mesh.launcher.errors import PartFailed
from mesh.launcher.layout import LOOPBACK, PROJECT_DIR, Layout, TritonPorts
from mesh.launcher.process import Part
from mesh.launcher.triton_install import BACKENDS, STUB, server_folder, stub_in_wheel

SHARED_MEMORY = Path("/dev/shm")
LEFTOVER_TIMEOUT_S = 5.0
PRIVACY_INTERVAL_S = 0.5
GRACE_S = 5


def part(layout: Layout, environment: Path, repository: Path, ports: TritonPorts) -> Part:
    """The server on loopback ports, with every built model of the repository loaded; `environment` is as installed."""
    server = server_folder(environment)
    backends = server / "backends"
    _add_backends(server)

    async def prepare() -> None:
        await asyncio.to_thread(clear, layout)

    return Part(
        name="triton",
        command=(
            *(str(server / "bin" / "tritonserver"), "--id=spotter", "--disable-auto-complete-config"),
            *(f"--model-repository={repository}", f"--backend-directory={backends}"),
            # What is damaged must not keep the rest from being served; per-model readiness says what is missing.
            *("--model-control-mode=explicit", "--exit-on-error=false", f"--exit-timeout-secs={GRACE_S}"),
            *(f"--load-model={model}" for model in built_models(repository)),
            *(f"--http-address={LOOPBACK}", f"--http-port={ports.http}"),
            *(f"--grpc-address={LOOPBACK}", f"--grpc-port={ports.grpc}"),
            *(f"--metrics-address={LOOPBACK}", f"--metrics-port={ports.metrics}"),
            f"--backend-config=python,shm-region-prefix-name={_memory_prefix(layout)}",
        ),
        environment={
            # The stub takes the first python3 on PATH for its packages, and looks for the library of our Python.
            "PATH": os.pathsep.join([str(environment / "bin"), os.environ.get("PATH", os.defpath)]),
            "LD_LIBRARY_PATH": str(sysconfig.get_config_var("LIBDIR")),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        working_dir=layout.run,
        prepare=prepare,
        probe=lambda: _probe(ports.http),
    )


def clear(layout: Layout) -> None:
    """Ends stubs that a killed server has left, and removes its memory in /dev/shm. The server must have ended."""
    prefix = _memory_prefix(layout)
    stubs = [process for process in psutil.process_iter(["cmdline"]) if _is_stub(process, prefix)]
    for process in stubs:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubs, LEFTOVER_TIMEOUT_S)
    for path in SHARED_MEMORY.glob(f"{prefix}*"):
        path.unlink(missing_ok=True)


async def keep_private(layout: Layout) -> None:
    """Takes the server's memory, in which pictures of people are, away from other users; runs until it is cancelled.

    The python backend makes a region for each model that it loads, with the mode 0644 whatever the umask.
    """
    while True:
        _make_private(_memory_prefix(layout))
        await asyncio.sleep(PRIVACY_INTERVAL_S)


async def compare(repository: Path, grpc_port: int) -> str:
    """Asks the server and the same graphs in a process of their own the same pictures; a sentence about it.

    A stub with another numpy than it was built for gives wrong tensors without a word, so this is done at every start.
    Raises PartFailed where the answers differ.
    """
    command = (sys.executable, "-m", "triton_models.served", f"{LOOPBACK}:{grpc_port}", str(repository))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=PROJECT_DIR
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise PartFailed("triton", (errors.decode() or output.decode()).strip()[-2000:])
    return output.decode().strip()


def built_models(repository: Path) -> list[str]:
    """Folders of the repository that have a configuration and at least one version with a graph."""
    found = {config.parent for config in repository.glob("*/config.pbtxt")}
    return sorted(model.name for model in found if any(model.glob("[0-9]*/model.onnx")))


def _add_backends(server: Path) -> None:
    """Puts the stub for our Python and our backend in their places; as a whole, since a server may be using them."""
    (server / "bin" / "tritonserver").chmod(0o755)
    for source, target in (
        (stub_in_wheel(server), server / "backends" / "python" / STUB),
        (BACKENDS / "onnxruntime" / "model.py", server / "backends" / "onnxruntime" / "model.py"),
    ):
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as scratch:
            scratch.write(source.read_bytes())
        Path(scratch.name).chmod(0o755)
        Path(scratch.name).replace(target)


def _make_private(prefix: str) -> None:
    for path in SHARED_MEMORY.glob(f"{prefix}*"):
        with contextlib.suppress(FileNotFoundError):
            if stat.S_IMODE(path.stat().st_mode) != 0o600:
                path.chmod(0o600)


def _memory_prefix(layout: Layout) -> str:
    return f"spotter-triton-{hashlib.sha256(str(layout.home).encode()).hexdigest()[:12]}-"


def _is_stub(process: psutil.Process, prefix: str) -> bool:
    words = process.info["cmdline"] or [""]
    return Path(words[0]).name == STUB and any(word.lstrip("/").startswith(prefix) for word in words)


async def _probe(http_port: int) -> None:
    """Returns once the server answers; it does so when it has loaded every model that can be loaded."""
    reader, writer = await asyncio.open_connection(LOOPBACK, http_port)
    writer.write(b"GET /v2/health/live HTTP/1.1\r\nHost: triton\r\nConnection: close\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    if b" 200 " not in answer:
        raise ConnectionError("Triton isn't live")
