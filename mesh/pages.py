"""Pages of lists: sizes within bounds, and tokens that carry where the next page starts (AIP-158)."""

from __future__ import annotations

import base64
import json

from mesh.errors import InvalidArgument

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


def page_size(requested: int) -> int:
    """Rows of a page: 0 means 50, more than 200 means 200. Raises InvalidArgument below 0."""
    if requested < 0:
        raise InvalidArgument("page_size", "page_size must be 0 (the default) or more.")
    return min(requested, MAX_PAGE_SIZE) or DEFAULT_PAGE_SIZE


def encode_token(*keys: str | int) -> str:
    """A token that says: go on after the row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode_token(token: str, length: int) -> list[str | int] | None:
    """The sort keys of a token, None for the first page. Raises InvalidArgument for what isn't one of ours."""
    if not token:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        keys = None
    if not isinstance(keys, list) or len(keys) != length or not all(isinstance(key, str | int) for key in keys):
        raise InvalidArgument("page_token", "page_token must be the next_page_token of an earlier answer.")
    return keys
