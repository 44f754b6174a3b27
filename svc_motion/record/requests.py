"""What requests of the record say, checked: days, ranges, and tokens of pages."""

from __future__ import annotations

import re
from datetime import date, datetime

from mesh import pages
from mesh.errors import InvalidArgument
from mesh.ids import derived_id, require_uuid

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day(value: str, field: str) -> date | None:
    """A day as it is written in requests, None where it is empty. Raises InvalidArgument that names `field`."""
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidArgument(field, f"{field} must be a day, YYYY-MM-DD, for instance 2026-03-31.")


def day_range(start: str, end: str) -> tuple[date | None, date | None]:
    """start_day and end_day. Raises InvalidArgument where they can't be."""
    first, last = day(start, "start_day"), day(end, "end_day")
    if first is not None and last is not None and last < first:
        raise InvalidArgument("end_day", "end_day must not be before start_day.")
    return first, last


def count(value: int, field: str, default: int, most: int) -> int:
    """A number of days or weeks; 0 means `default`. Raises InvalidArgument above `most`."""
    if value > most:
        raise InvalidArgument(field, f"{field} must be 1 to {most}, or 0 for {default}.")
    return value or default


class PageToken:
    """Tokens that hold for one request's filters only (AIP-158)."""

    def __init__(self, *filters: object) -> None:
        self._fingerprint = derived_id("page", *filters)[:8]

    def encode(self, *keys: str | int) -> str:
        """A token that says: go on after the row with these sort keys."""
        return pages.encode_token(*keys, self._fingerprint)

    def decode(self, token: str, length: int) -> list[str | int] | None:
        """The sort keys, None for the first page. Raises InvalidArgument for a token of another request."""
        keys = pages.decode_token(token, length + 1)
        if keys is not None and keys[-1] != self._fingerprint:
            raise InvalidArgument("page_token", "page_token belongs to another request; repeat that one's filters.")
        return None if keys is None else keys[:-1]

    def decode_position(self, token: str) -> tuple[datetime, str] | None:
        """A (time, id) that was encoded with isoformat. Raises InvalidArgument."""
        keys = self.decode(token, 2)
        if keys is None:
            return None
        try:
            return datetime.fromisoformat(str(keys[0])), require_uuid(str(keys[1]), "page_token")
        except ValueError:
            raise not_a_token() from None


def not_a_token() -> InvalidArgument:
    """The error for a token whose keys can't be read."""
    return InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.")
