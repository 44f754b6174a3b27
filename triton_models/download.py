"""Fetches one file from its official address."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from triton_models.errors import DownloadError

TIMEOUT_S = 30.0
"""For connecting, and between two pieces of the file."""


def fetch(url: str, size_bytes: int, progress: Callable[[str], None]) -> bytes:
    """Downloads a file of known size over HTTPS.

    Args:
        progress: told what is fetched, and again at each further quarter.

    Raises:
        DownloadError: no network, an answer other than 200, or another size than expected.
    """
    progress(f"downloading {url} ({size_bytes / 2**20:.1f} MiB)")
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_S) as response:
            response.raise_for_status()
            return _read(response, url, size_bytes, progress)
    except httpx.HTTPStatusError as error:
        raise DownloadError(f"{url} answered {error.response.status_code}; {_WITHOUT}") from error
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise DownloadError(f"{url} can't be reached ({reason}): is this machine online? If not, {_WITHOUT}") from error


_WITHOUT = "fetch the file elsewhere, put it into a folder and name that with --models-dir or SPOTTER_MODELS"


def _read(response: httpx.Response, url: str, size_bytes: int, progress: Callable[[str], None]) -> bytes:
    data = bytearray()
    told = 0
    for piece in response.iter_bytes():
        data += piece
        if len(data) > size_bytes:
            break
        quarter = 4 * len(data) // size_bytes
        if quarter > told and size_bytes > 2**20:
            told = quarter
            progress(f"  {25 * quarter} %")
    if len(data) != size_bytes:
        more = " or more" if len(data) > size_bytes else ""
        raise DownloadError(f"{url} gave {len(data)} bytes{more}, expected {size_bytes}; try again, or {_WITHOUT}")
    return bytes(data)
