"""The built web app over HTTP: files, one page for every other address, and headers that keep browsers careful."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from mesh.errors import StartupError

ASSETS = "assets"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MISSING_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spotter</title></head>
<body style="font: 1rem/1.5 system-ui; max-width: 36rem; margin: 4rem auto; padding: 0 1rem">
<h1>The web app isn't built yet</h1>
<p>Spotter is running; only its pages are missing. Build them, then reload this page:</p>
<pre>cd svc_edge_api/web
npm ci
npm run build</pre>
<p>Where Node.js can't be had, <code>spotter watch</code> shows the same in a terminal.</p>
</body></html>
"""


def create_app(web_dir: Path) -> Starlette:
    """The app that serves the files of `web_dir`; they may appear, or be built anew, while it runs."""
    root = web_dir.resolve()

    async def serve_file(request: Request) -> Response:
        return await asyncio.to_thread(_answer, root, str(request.path_params["path"]))

    return Starlette(routes=[Route("/{path:path}", serve_file, methods=["GET"])])


@contextlib.asynccontextmanager
async def serving(address: str, web_dir: Path) -> AsyncIterator[None]:
    """Serves the web app at host:port while the block runs. Raises StartupError where it can't listen there."""
    try:
        listener = _listen(address)
    except (OSError, ValueError) as error:
        raise StartupError(
            f"SPOTTER_WEB_ADDRESS={address}: can't listen there ({error}); free the port or choose another one."
        ) from None
    server = _QuietServer(
        uvicorn.Config(
            create_app(web_dir),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), int(port)))
    except (OSError, ValueError):
        listener.close()
        raise
    return listener


class _QuietServer(uvicorn.Server):
    """Leaves signals to the process, which drains gRPC first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _answer(root: Path, path: str) -> Response:
    file = (root / path).resolve()
    index = root / "index.html"
    if not file.is_relative_to(root):
        response: Response = PlainTextResponse("Not found", 404)
    elif path and file.is_file():
        immutable = file.parent == root / ASSETS
        response = FileResponse(file, headers={"Cache-Control": IMMUTABLE if immutable else REVALIDATE})
    elif path.startswith(f"{ASSETS}/"):
        response = PlainTextResponse("Not found", 404)
    elif index.is_file():
        response = FileResponse(index, headers={"Cache-Control": REVALIDATE})
    else:
        response = HTMLResponse(_MISSING_PAGE, 503, {"Cache-Control": "no-store"})
    response.headers.update(SECURITY_HEADERS)
    return response
