from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from mesh.errors import StartupError
from svc_edge_api import web


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>app</title>")
    (folder / "assets" / "app-1a2b.js").write_text("let a = 1")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def get(folder: Path, *paths: str) -> list[httpx.Response]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    async with web.serving(address, folder), httpx.AsyncClient(base_url=f"http://{address}") as client:
        return [await client.get(path) for path in paths]


async def test_files_are_served_and_every_other_address_is_the_page(dist: Path) -> None:
    page, person, asset, icon, gone = await get(
        dist, "/", "/gym/live", "/assets/app-1a2b.js", "/icon.svg", "/assets/x.js"
    )
    assert page.text == person.text == "<title>app</title>"
    assert page.headers["cache-control"] == icon.headers["cache-control"] == "no-cache"
    assert "immutable" in asset.headers["cache-control"] and asset.text == "let a = 1"
    assert gone.status_code == 404


async def test_every_answer_keeps_browsers_careful(dist: Path) -> None:
    for answer in await get(dist, "/", "/assets/app-1a2b.js", "/assets/gone.js"):
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_nothing_outside_of_the_folder_is_served(dist: Path) -> None:
    for answer in await get(
        dist, "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"
    ):
        assert "secret" not in answer.text and "root:" not in answer.text


async def test_a_missing_build_says_how_to_make_it(tmp_path: Path) -> None:
    (answer,) = await get(tmp_path / "dist", "/")
    assert answer.status_code == 503 and "npm run build" in answer.text


async def test_a_taken_port_is_a_sentence(dist: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(StartupError, match="SPOTTER_WEB_ADDRESS"):
            async with web.serving(f"127.0.0.1:{holder.getsockname()[1]}", dist):
                pass
