"""Tokens of the edge: JWTs signed with ES256 (RFC 7518). Envoy checks them first, the edge once more."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mesh.errors import Unauthenticated
from mesh.ids import GymId, PersonId, new_id

ISSUER = "spotter"
AUDIENCE = "spotter-edge"
ALGORITHM = "ES256"
KEY_ID = "spotter-1"
ROLES = ("staff", "kiosk", "member")


@dataclass(frozen=True)
class Claims:
    """Who a token speaks for."""

    gym_id: GymId
    role: str
    """staff, kiosk or member."""
    person_id: PersonId | None
    """The person of a member's token."""
    expire_s: int
    """When it stops to hold, seconds since the epoch."""


def create_key() -> bytes:
    """A new private key (P-256), PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_jwks(private_key_pem: bytes) -> str:
    """The public half as a JSON Web Key Set."""
    key = serialization.load_pem_private_key(private_key_pem, None)
    jwk = jwt.get_algorithm_by_name(ALGORITHM).to_jwk(key.public_key(), as_dict=True)
    return json.dumps({"keys": [{**jwk, "kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]})


def mint(
    private_key_pem: bytes, *, gym_id: str, role: str, lifetime_s: float, person_id: str = "", subject: str = ""
) -> tuple[str, int]:
    """A token and when it stops to hold (seconds since the epoch). Raises ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(f"role {role!r} is none of {ROLES}")
    now_s = int(time.time())
    expire_s = now_s + int(lifetime_s)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or role,
        "gym": gym_id,
        "role": role,
        "iat": now_s,
        "exp": expire_s,
        "jti": new_id(),
    }
    if person_id:
        claims["person"] = person_id
    return jwt.encode(claims, private_key_pem, ALGORITHM, headers={"kid": KEY_ID}), expire_s


class Verifier:
    """Checks tokens against a key set."""

    def __init__(self, jwks: str) -> None:
        self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(jwks).keys}

    @classmethod
    def from_file(cls, path: Path) -> Verifier:
        """Reads the key set from a file."""
        return cls(path.read_text())

    def verify(self, token: str) -> Claims:
        """The claims of a token. Raises Unauthenticated, with what to do, where it doesn't hold."""
        try:
            key = self._keys[jwt.get_unverified_header(token).get("kid", "")]
            claims = jwt.decode(token, key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER)
            role = str(claims["role"])
            if role not in ROLES:
                raise KeyError(role)
            return Claims(
                GymId(str(claims["gym"])),
                role,
                PersonId(claims["person"]) if "person" in claims else None,
                claims["exp"],
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(
                "TOKEN_EXPIRED", "The token has expired; scan the code on the kiosk again, or ask staff for a new link."
            ) from None
        except (jwt.InvalidTokenError, KeyError):
            raise Unauthenticated("TOKEN_INVALID", "The token isn't one of this gym; open the link again.") from None
