"""Who may call what: one table, and the rule that a member sees one person."""

from __future__ import annotations

from collections.abc import Iterable

from mesh.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from mesh.ids import PersonId
from mesh.tokens import Claims, Verifier

STAFF, KIOSK, MEMBER = "staff", "kiosk", "member"
ANYBODY = frozenset({STAFF, KIOSK, MEMBER})

ROLES_OF_METHOD: dict[str, frozenset[str]] = {
    "GetMe": ANYBODY,
    "StreamPerson": ANYBODY,
    "StreamGym": frozenset({STAFF, KIOSK}),
    "StreamPreview": frozenset({STAFF}),
    "ListPeople": frozenset({STAFF, KIOSK}),
    "GetSession": ANYBODY,
    "ListSets": frozenset({STAFF, MEMBER}),
    "GetSet": frozenset({STAFF, MEMBER}),
    "ListGuidance": frozenset({STAFF, MEMBER}),
    "ListExercises": ANYBODY,
    "ListClips": frozenset({STAFF, MEMBER}),
    "ReadClip": frozenset({STAFF, MEMBER}),
    "CreateCamera": frozenset({STAFF}),
    "GetCamera": frozenset({STAFF}),
    "ListCameras": frozenset({STAFF, KIOSK}),
    "DeleteCamera": frozenset({STAFF}),
    "PushFrame": frozenset({STAFF, MEMBER}),
    "CreateClaimCode": frozenset({STAFF, KIOSK}),
    "GetAlert": frozenset({STAFF}),
    "ListAlerts": frozenset({STAFF}),
    "AcknowledgeAlert": frozenset({STAFF}),
    "GetHistory": frozenset({STAFF, MEMBER}),
    "GetTotals": frozenset({STAFF, MEMBER}),
    "GetStreaks": frozenset({STAFF, MEMBER}),
    "ListPersonalBests": frozenset({STAFF, MEMBER}),
    "GetTrends": frozenset({STAFF, MEMBER}),
    "GetMuscleBalance": frozenset({STAFF, MEMBER}),
    "CompareWeeks": frozenset({STAFF, MEMBER}),
    "CorrectSet": frozenset({STAFF, MEMBER}),
    "ListCorrections": frozenset({STAFF, MEMBER}),
    "GetCorrectionSummary": frozenset({STAFF}),
    "ExportRecord": frozenset({STAFF, MEMBER}),
}
"""Roles that may call each public method. RedeemClaimCode isn't here: it needs no token."""

_SCHEME = "bearer "


def authorize(verifier: Verifier, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> Claims:
    """The claims of a call's token.

    Raises Unauthenticated without a token that holds, PermissionDenied where its role may not call `method`.
    """
    claims = verifier.verify(_token(metadata))
    if claims.role not in ROLES_OF_METHOD[method]:
        allowed = " or ".join(sorted(ROLES_OF_METHOD[method]))
        raise PermissionDenied(
            "ROLE_NOT_ALLOWED",
            f"A {claims.role} token doesn't allow {method}; use a {allowed} token.",
            role=claims.role,
            method=method,
        )
    return claims


def person_of(claims: Claims, requested: str) -> PersonId | None:
    """Whose data a call is about: the requested person, for a member always the own; None where nobody was named.

    Raises PermissionDenied where a member asks for somebody else.
    """
    if claims.role != MEMBER:
        return PersonId(requested) if requested else None
    if claims.person_id is None or (requested and requested != claims.person_id):
        raise PermissionDenied("NOT_YOUR_PERSON", "A member's token allows to see that member only.")
    return claims.person_id


def require_person(claims: Claims, requested: str) -> PersonId:
    """As person_of. Raises InvalidArgument where staff or a kiosk name nobody."""
    person_id = person_of(claims, requested)
    if person_id is None:
        raise InvalidArgument("person_id", "person_id must be set; only a member's token has a person of its own.")
    return person_id


def check_owner(claims: Claims, person_id: str, what: str) -> None:
    """Raises NotFound where a member asks for something that isn't about them; they don't learn that it exists."""
    if claims.role == MEMBER and (not person_id or person_id != claims.person_id):
        raise NotFound("NOT_FOUND", f"There is no such {what}.")


def _token(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    for key, value in metadata:
        if key == "authorization" and isinstance(value, str) and value.lower().startswith(_SCHEME):
            return value[len(_SCHEME) :].strip()
    raise Unauthenticated(
        "TOKEN_MISSING", "The call carries no token; open the link that staff gave you, or scan the kiosk's code."
    )
