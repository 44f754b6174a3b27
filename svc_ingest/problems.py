"""What went wrong with a source, in sentences for staff: what was found, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

import av.error

from svc_ingest.sources import Source, without_credentials

TIMED_OUT_SHARE = 0.9


@dataclass(frozen=True)
class Problem:
    """Why a source can't be opened or read."""

    detail: str
    """Sentence for staff, without credentials."""
    retry: bool
    """True where trying again later may help."""


def explain_open(error: Exception, source: Source, timeout_s: float, took_s: float) -> Problem:
    """Why a source can't be opened, found out after `took_s`."""
    where = source.shown
    if source.scheme in {"rtsp", "rtsps"}:
        return Problem(_network_sentence(error, where, timeout_s, took_s), True)
    if source.scheme == "device":
        return Problem(
            f"The device {where} can't be opened ({_reason(error)}); plug it in, close other programs that use it, "
            "and check its name.",
            True,
        )
    if isinstance(error, FileNotFoundError):
        return Problem(f"There is no file {where}; check the path.", True)
    if isinstance(error, IsADirectoryError):
        return Problem(f"{where} is a folder; name a video file in it.", False)
    if isinstance(error, PermissionError):
        return Problem(f"The file {where} may not be read; change its permissions.", True)
    return Problem(f"{where} isn't a video, or it is incomplete; check that it plays elsewhere.", False)


def explain_read(error: Exception, source: Source, timeout_s: float) -> Problem:
    """Why a source that was open went away."""
    if source.scheme == "file":
        return Problem(f"{source.shown} can't be read on ({_reason(error)}).", True)
    if isinstance(error, av.error.ExitError | TimeoutError):
        return Problem(f"{source.shown} sent nothing for {timeout_s:.0f} s; it is being opened again.", True)
    return Problem(f"The connection to {source.shown} broke ({_reason(error)}); it is being opened again.", True)


def no_video(source: Source) -> Problem:
    """It opened, but no picture is in it."""
    return Problem(f"{source.shown} holds no video; name a file or an address with a picture.", source.live)


def _network_sentence(error: Exception, where: str, timeout_s: float, took_s: float) -> str:
    # An interrupted handshake is reported as invalid data, so the time tells the two apart.
    if isinstance(error, av.error.ExitError | TimeoutError) or took_s >= timeout_s * TIMED_OUT_SHARE:
        return f"{where} doesn't answer within {timeout_s:.0f} s; check the address, and that the camera is on."
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return f"{where} refuses the user name or password; change the camera's address to rtsp://user:password@…."
    if isinstance(error, av.error.HTTPNotFoundError):
        return f"{where} answers, but has no such stream; check the path after the host."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {where}; check the port, and that the camera is on."
    if isinstance(error, av.error.InvalidDataError):
        return f"{where} answers, but not as an RTSP camera; check the address and the port."
    return f"{where} can't be opened ({_reason(error)}); check the address, and that the camera is on."


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or type(error).__name__
    return without_credentials(str(text)).lower()
