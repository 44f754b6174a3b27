"""Addresses of cameras: which kinds there are, which are allowed, and how they are shown without their secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote, urlsplit, urlunsplit

from mesh.errors import InvalidArgument
from mesh.ids import slug

MAX_URI_LENGTH = 2048
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_KNOWN = frozenset({"file", "rtsp", "rtsps", "device", "phone"})
_NETWORK = frozenset({"rtsp", "rtsps"})
_CREDENTIALS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/]*@")


@dataclass(frozen=True)
class Source:
    """Where frames come from."""

    scheme: str
    """file, rtsp, rtsps, device or phone."""
    address: str
    """What is opened: a path, an address with its credentials, a device; empty for a phone."""
    shown: str
    """The same for people: without user name, password and query."""

    @property
    def live(self) -> bool:
        """True where the world sets the pace, so that it never ends by itself."""
        return self.scheme != "file"

    @property
    def pushed(self) -> bool:
        """True where the frames come through PushFrame."""
        return self.scheme == "phone"


def parse_source(uri: str, allowed: frozenset[str]) -> Source:
    """The source of a uri. Raises InvalidArgument, in a sentence for staff, for what can't or mustn't be opened."""
    text = uri.strip()
    if not text or len(text) > MAX_URI_LENGTH or "\0" in text:
        raise InvalidArgument(
            "camera.uri",
            f"Say where the camera is: a file, rtsp://…, device:… or phone: (at most {MAX_URI_LENGTH} letters).",
        )
    match = _SCHEME.match(text)
    scheme = match.group(1).lower() if match else "file"
    if scheme not in allowed:
        raise InvalidArgument(
            "camera.uri",
            f"Sources of the kind {scheme!r} aren't allowed here; use one of: {', '.join(sorted(allowed))}.",
            reason="SCHEME_NOT_ALLOWED",
            scheme=scheme,
        )
    if scheme in _NETWORK:
        return _network(scheme, text)
    if scheme == "phone":
        return Source("phone", "", "phone:")
    rest = text[len(match.group(0)) :] if match else text
    address = _path(rest) if scheme == "file" and match else rest
    if scheme not in {"file", "device"} or not address:
        raise InvalidArgument("camera.uri", f"{scheme}: must be followed by where it is.")
    return Source(scheme, address, text)


def camera_name(source: Source) -> str:
    """An id for a camera that was given none: the file's name, the host, or the kind of source."""
    if source.scheme in _NETWORK:
        return slug(urlsplit(source.address).hostname or "", "camera")
    return slug(PurePath(source.address).stem, source.scheme if source.pushed else "camera")


def without_secrets(uri: str) -> str:
    """A stored uri as others may see it."""
    try:
        return parse_source(uri, _KNOWN).shown
    except InvalidArgument:
        return without_credentials(uri)


def without_credentials(text: str) -> str:
    """Any text with user names and passwords of addresses cut out, for logs and errors."""
    return _CREDENTIALS.sub(r"\1", text)


def _network(scheme: str, text: str) -> Source:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise InvalidArgument("camera.uri", f"{scheme}: needs an address such as {scheme}://192.0.2.7:554/stream.")
    place = f"[{host}]" if ":" in host else host
    shown = urlunsplit((scheme, f"{place}:{port}" if port else place, parts.path, "", ""))
    return Source(scheme, text, shown)


def _path(rest: str) -> str:
    """The path of a file: uri; percent escapes stand for characters only where an authority (//) says it is a URL."""
    return unquote(rest[2:]) if rest.startswith("//") else rest
