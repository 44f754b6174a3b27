"""The real stores and the real Envoy, started, killed, and refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import nats
import psutil
import psycopg
import pytest

from mesh import tokens
from mesh.launcher import AlreadyRunning, LauncherSettings, Mesh, PartFailed, PortTaken
from mesh.launcher.layout import PROJECT_DIR
from tests.mesh.launcher.waiting import until

PARTS = ["postgres", "nats", "envoy"]


def _dsn(mesh: Mesh) -> str:
    return mesh.database_url.replace("+psycopg", "")


async def _kill(mesh: Mesh, part: str) -> float:
    """Kills a part, waits until it is back under another pid: how long that took, in s."""
    old, began_s = mesh.pid(part), time.monotonic()
    os.kill(old, signal.SIGKILL)
    await until(lambda: mesh.pid(part) != old)
    await asyncio.wait_for(mesh.wait_ready(part), 10)
    return time.monotonic() - began_s


async def test_every_part_answers_when_the_mesh_is_up(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        async with await psycopg.AsyncConnection.connect(_dsn(mesh)) as connection:
            await connection.execute("CREATE EXTENSION vector")
            rows = await (await connection.execute("SHOW fsync")).fetchall()
            assert rows == [("on",)]
        client = await nats.connect(mesh.nats_url)
        await client.jetstream().add_stream(name="S", subjects=["s"])
        await client.close()
        _, writer = await asyncio.open_connection("127.0.0.1", mesh.ports.public)
        writer.close()
        await writer.wait_closed()
        told = json.loads(mesh.layout.mesh_file.read_text())
        assert told["pids"]["postgres"] == mesh.pid("postgres")
        assert told["edge_grpc_target"] == f"127.0.0.1:{mesh.ports.public}"
    assert not mesh.layout.mesh_file.exists()


async def test_nothing_is_left_running_after_the_end(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        pids = [mesh.pid(part) for part in mesh.parts]
        pids += [child.pid for child in psutil.Process(mesh.pid("postgres")).children(recursive=True)]
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


async def test_committed_rows_and_stored_events_outlive_a_kill_of_each_store(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        async with await psycopg.AsyncConnection.connect(_dsn(mesh)) as connection:
            await connection.execute("CREATE TABLE kept (number int)")
            await connection.execute("INSERT INTO kept SELECT generate_series(1, 100)")
        # An open transaction and a busy backend hold the old server's memory when it dies.
        busy = await psycopg.AsyncConnection.connect(_dsn(mesh))
        sleeping = asyncio.create_task(busy.execute("SELECT pg_sleep(60)"))
        client = await nats.connect(mesh.nats_url)
        await client.jetstream().add_stream(name="S", subjects=["s"])
        await client.jetstream().publish("s", b"kept")
        await client.close()

        assert max([await _kill(mesh, "postgres"), await _kill(mesh, "nats")]) < 10

        with pytest.raises(psycopg.OperationalError):
            await sleeping
        await busy.close()
        async with await psycopg.AsyncConnection.connect(_dsn(mesh)) as connection:
            assert await (await connection.execute("SELECT count(*) FROM kept")).fetchone() == (100,)
        client = await nats.connect(mesh.nats_url)
        assert (await client.jetstream().stream_info("S")).state.messages == 1
        await client.close()


async def test_a_second_start_in_the_same_home_finds_the_data(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh, await psycopg.AsyncConnection.connect(_dsn(mesh)) as connection:
        await connection.execute("CREATE TABLE kept (number int)")
        token = mesh.secrets.staff_token
    async with Mesh(settings) as mesh, await psycopg.AsyncConnection.connect(_dsn(mesh)) as connection:
        await connection.execute("SELECT * FROM kept")
        assert mesh.secrets.staff_token == token


@pytest.mark.parametrize("part", PARTS)
async def test_a_killed_part_comes_back_and_is_told_on_one_line_each(settings: LauncherSettings, part: str) -> None:
    lines: list[tuple[str, str]] = []
    async with Mesh(settings, lambda name, what: lines.append((name, what))) as mesh:
        lines.clear()
        assert await _kill(mesh, part) < 10
        await asyncio.sleep(0)
        assert mesh.restarts(part) == 1
        assert [name for name, _ in lines] == [part, part]
        assert "SIGKILL" in lines[0][1]
        assert "back after" in lines[1][1]


async def test_a_part_that_dies_too_often_ends_the_mesh_with_its_name_and_its_log(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        waiting = asyncio.create_task(mesh.wait())
        for _ in range(5):
            await _kill(mesh, "envoy")
        os.kill(mesh.pid("envoy"), signal.SIGKILL)
        with pytest.raises(PartFailed, match=r"envoy died again after 5 restarts in 60 s.*logs/envoy\.log") as caught:
            await asyncio.wait_for(waiting, 10)
        assert caught.value.part == "envoy"


async def test_a_second_mesh_in_the_same_home_is_refused_and_told_about_the_first(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        with pytest.raises(AlreadyRunning, match=rf"pid {os.getpid()}, {mesh.public_url}"):
            async with Mesh(settings):
                pass
        assert mesh.layout.mesh_file.exists()


async def test_a_taken_port_is_named_with_its_owner_and_the_way_out(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        settings = LauncherSettings(home=home, public_port=port, services=())
        with pytest.raises(PortTaken, match=rf"Port {port} \(public\) is taken.*pid {os.getpid()}.*SPOTTER_PORTS=free"):
            async with Mesh(settings):
                pass


async def test_secrets_are_private_and_tokens_hold_for_this_gym(settings: LauncherSettings) -> None:
    async with Mesh(settings) as mesh:
        private = [*mesh.layout.secrets.iterdir(), mesh.layout.mesh_file, mesh.layout.run / "nats.conf"]
        assert len(private) == 7
        assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
        claims = tokens.Verifier.from_file(mesh.secrets.jwks_file).verify(mesh.secrets.kiosk_token)
        assert (claims.role, claims.gym_id) == ("kiosk", "gym")
        for part in mesh.parts:
            line = " ".join(psutil.Process(mesh.pid(part)).cmdline())
            assert mesh.secrets.nats_token not in line
            assert mesh.secrets.postgres_password not in line


async def test_parts_die_with_a_launcher_that_is_killed(home: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from mesh.launcher import LauncherSettings, Mesh
async def main():
    async with Mesh(LauncherSettings(home=Path({str(home)!r}), ports="free", services=())) as mesh:
        print(*(mesh.pid(part) for part in mesh.parts), flush=True)
        await mesh.wait()
asyncio.run(main())
"""
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=PROJECT_DIR
    )
    assert launcher.stdout is not None
    pids = [int(pid) for pid in (await launcher.stdout.readline()).split()]
    assert len(pids) == 3
    launcher.kill()
    await launcher.wait()
    await until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
