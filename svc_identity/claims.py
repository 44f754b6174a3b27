"""Codes by which one phone claims a person. Only their hash is kept."""

from __future__ import annotations

import base64
import hashlib
import secrets

CODE_BYTES = 16
MIN_LIFETIME_S = 10.0
MAX_LIFETIME_S = 600.0
DEFAULT_LIFETIME_S = 120.0


def create_code() -> str:
    """128 random bits in base32 (RFC 4648), without padding: 26 characters, fit for a URL."""
    return base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().rstrip("=")


def hash_code(code: str) -> bytes:
    """SHA-256 of a code as somebody may have typed it: lower case and blanks don't matter."""
    return hashlib.sha256("".join(code.split()).upper().encode()).digest()
