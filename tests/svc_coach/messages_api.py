"""A local HTTP server that speaks the Messages API, for the real SDK to call."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MessagesApi:
    """Answers every request with `text`, or with an error; keeps what it was asked."""

    text: str = "Nice, now two fingers deeper on the next squat."
    status: int = 200
    delay_s: float = 0.0
    stop_reason: str = "end_turn"
    requests: list[str] = field(default_factory=list)
    """Path, headers and body of each request."""

    def __enter__(self) -> MessagesApi:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                api.requests.append(f"{self.path}\n{self.headers}\n{body}")
                time.sleep(api.delay_s)
                answer = json.dumps(api.answer(json.loads(body)["model"])).encode()
                try:
                    self.send_response(api.status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    return

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, model: str) -> dict[str, Any]:
        if self.status != 200:
            return {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [{"type": "text", "text": self.text}] if self.text else [],
            "stop_reason": self.stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 90, "output_tokens": 12},
        }
