"""Keys, passwords and tokens of one machine. Made once, kept in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from mesh import tokens
from mesh.errors import Unauthenticated
from mesh.launcher.layout import Layout

TOKEN_LIFETIME_S = 365 * 86400.0
RENEW_BEFORE_S = 30 * 86400.0
FILE_MODE = 0o600


@dataclass(frozen=True)
class Secrets:
    """What the launcher hands to the parts."""

    postgres_password: str
    nats_token: str
    signing_key_file: Path
    """PEM of the ES256 private key; for the edge only."""
    jwks_file: Path
    """Public keys; for the edge and Envoy."""
    staff_token: str
    kiosk_token: str


def load_or_create(layout: Layout, gym_id: str) -> Secrets:
    """The secrets of a home. Makes what isn't there, and renews tokens that end within 30 days or name another gym."""
    key_file, jwks_file = layout.secrets / "signing_key.pem", layout.run / "jwks.json"
    if not key_file.exists():
        write_private(key_file, tokens.create_key().decode())
    key = key_file.read_bytes()
    jwks = tokens.public_jwks(key)
    write_private(jwks_file, jwks)
    verifier = tokens.Verifier(jwks)
    return Secrets(
        postgres_password=_password(layout.secrets / "postgres.password"),
        nats_token=_password(layout.secrets / "nats.token"),
        signing_key_file=key_file,
        jwks_file=jwks_file,
        staff_token=_token(layout.secrets / "staff.token", key, verifier, gym_id, "staff"),
        kiosk_token=_token(layout.secrets / "kiosk.token", key, verifier, gym_id, "kiosk"),
    )


def write_private(path: Path, text: str) -> None:
    """Replaces a file as a whole; nobody but its owner may read it, not even while it is written."""
    scratch = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w") as file:
        file.write(text)
    scratch.replace(path)


def _password(path: Path) -> str:
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def _token(path: Path, key: bytes, verifier: tokens.Verifier, gym_id: str, role: str) -> str:
    if path.exists():
        try:
            claims = verifier.verify(path.read_text())
            if claims.gym_id == gym_id and claims.role == role and claims.expire_s > time.time() + RENEW_BEFORE_S:
                return path.read_text()
        except Unauthenticated:
            pass
    token, _ = tokens.mint(key, gym_id=gym_id, role=role, lifetime_s=TOKEN_LIFETIME_S)
    write_private(path, token)
    return token
