"""How a phone gets its token: a code in a QR picture, exchanged once for a token that sees one person."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import quote

import segno

from mesh import tokens

QR_BORDER_MODULES = 2
QR_SCALE = 8


@dataclass(frozen=True)
class MemberTokens:
    """Mints members' tokens."""

    private_key_pem: bytes
    lifetime_s: float

    def mint(self, gym_id: str, person_id: str) -> tuple[str, int]:
        """A token that sees one person, and when it stops to hold (seconds since the epoch)."""
        return tokens.mint(
            self.private_key_pem, gym_id=gym_id, role="member", lifetime_s=self.lifetime_s, person_id=person_id
        )


def claim_url(public_url: str, code: str) -> str:
    """What the phone opens. The code stands behind the #, so that no server's log sees it."""
    return f"{public_url.rstrip('/')}/#claim={quote(code, safe='')}"


def qr_svg(text: str) -> str:
    """`text` as a QR code: one <svg> element, black on white, with the quiet zone that readers need."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, scale=QR_SCALE, border=QR_BORDER_MODULES, light="white", nl=False
    )
    return picture.getvalue().decode()
