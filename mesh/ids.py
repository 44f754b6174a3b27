"""Types of ids. A track lives on one camera and dies with it; a person is one human in one visit. They never mix."""

from __future__ import annotations

import re
import uuid
from typing import NewType

from mesh.errors import InvalidArgument

GymId = NewType("GymId", str)
CameraId = NewType("CameraId", str)
PersonId = NewType("PersonId", str)
MemberId = NewType("MemberId", str)
TrackId = NewType("TrackId", int)
SetId = NewType("SetId", str)
ClipId = NewType("ClipId", str)
EventId = NewType("EventId", str)

_NAMESPACE = uuid.UUID("6f2d6d6e-3c0b-5d0a-9a53-3d3c0f0f5e11")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def new_id() -> str:
    """A random id (UUID 4)."""
    return str(uuid.uuid4())


def derived_id(*parts: object) -> str:
    """The same id for the same parts (UUID 5): what is stored twice under it is stored once."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts)))


def slug(text: str, fallback: str) -> str:
    """`text` as an id that may stand in a subject or an address: [a-z0-9-], 1 to 63 characters."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
    return made or fallback


def require_slug(value: str, field: str) -> str:
    """`value`, or InvalidArgument that names `field` where it isn't 1 to 63 characters of [a-z0-9-]."""
    if not _SLUG.fullmatch(value):
        raise InvalidArgument(field, f"{field} must be 1 to 63 characters of a-z, 0-9 and inner hyphens.")
    return value


def require_uuid(value: str, field: str) -> str:
    """`value` in canonical form, or InvalidArgument that names `field` where it isn't a UUID."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise InvalidArgument(field, f"{field} must be a UUID.") from None
