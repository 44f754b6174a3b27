"""Drives Chromium over the DevTools protocol, on the pipe that `--remote-debugging-pipe` opens: no driver is needed.

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-pipe",
)
# The browser reads commands from descriptor 3 and writes to 4.
HAND_OVER = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
ANSWER_TIMEOUT_S = 30.0
POLL_S = 0.1


def find_chromium() -> str | None:
    """The browser's program; None where there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name)) is not None), None)


class Browser:
    """A running browser. Made by `launched`."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser = to_browser
        self._from_browser = from_browser
        self._ids = 0
        self._waiting: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self._contexts: list[str] = []
        self._reader = threading.Thread(target=self._read, name="browser", daemon=True)
        self._reader.start()

    def page(self, width_px: int, height_px: int, *, phone: bool = False) -> Page:
        """A page with a memory (cookies, storage) of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        self._contexts.append(context)
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        page.call("Page.enable")
        page.call("Runtime.enable")
        page.call("Log.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        return page

    def close_pages(self) -> None:
        """Closes every page; one that is left open goes on drawing, and costs whoever comes next."""
        while self._contexts:
            self.call("Target.disposeBrowserContext", browserContextId=self._contexts.pop())
        self._pages.clear()

    def call(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """The result of a command. Raises AssertionError with the browser's words where it fails."""
        self._ids += 1
        message: dict[str, Any] = {"id": self._ids, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        answer_to = self._waiting[self._ids] = queue.Queue()
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        answer = answer_to.get(timeout=ANSWER_TIMEOUT_S)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return dict(answer["result"])

    def join(self) -> None:
        """Returns when the browser has said its last word."""
        self._reader.join(5)

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(self._from_browser, 2**16):
            *messages, rest = (rest + chunk).split(b"\0")
            for raw in messages:
                message = json.loads(raw)
                if "id" in message:
                    self._waiting.pop(message["id"]).put(message)
                elif page := self._pages.get(message.get("sessionId", "")):
                    page.note(message["method"], message["params"])


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.problems: list[str] = []
        """Exceptions, and errors on the console."""

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """The result of a command to this tab."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Goes to an address."""
        self.call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression; waits where it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        """Text of the first element that fits; empty where there is none."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        """Presses the first element that fits."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def until(self, expression: str, timeout_s: float = 30.0) -> Any:
        """The value of an expression as soon as it is truthy. Raises AssertionError where it never is."""
        deadline_s = time.monotonic() + timeout_s
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline_s:
                seen = self.evaluate("document.body.innerText")
                raise AssertionError(f"not within {timeout_s} s: {expression}\nthe page says:\n{seen}\n{self.problems}")
            time.sleep(POLL_S)
        return value

    def screenshot(self, path: Path) -> None:
        """Writes what the tab shows, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def note(self, method: str, parameters: dict[str, Any]) -> None:
        """Takes an event of the browser."""
        if method == "Runtime.exceptionThrown":
            self.problems.append(str(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.problems.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.problems.append(str(parameters["args"]))


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """A browser without a window, with a profile that is gone afterwards."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    hand_over = [sys.executable, "-I", "-S", "-c", HAND_OVER, str(theirs_in), str(theirs_out)]
    with tempfile.TemporaryDirectory(prefix="spotter-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [*hand_over, program, *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Browser(ours_out, ours_in)
        try:
            yield browser
            browser.call("Browser.close")
            process.wait(10)
        finally:
            process.kill()
            process.wait()
            os.close(ours_out)
            browser.join()
            os.close(ours_in)
