"""Every method for every role, against the table that the contract's comments write down."""

from __future__ import annotations

import re

import pytest

from mesh import tokens
from mesh.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from mesh.ids import GymId, PersonId
from mesh.launcher.layout import PROJECT_DIR
from mesh.tokens import Claims, Verifier
from spotter.edge.v1 import edge_pb2, record_pb2, safety_pb2
from svc_edge_api import access

KEY = tokens.create_key()
VERIFIER = Verifier(tokens.public_jwks(KEY))
ROLES = ("staff", "kiosk", "member")
SERVICES = [
    edge_pb2.DESCRIPTOR.services_by_name["EdgeService"],
    safety_pb2.DESCRIPTOR.services_by_name["EdgeSafetyService"],
    record_pb2.DESCRIPTOR.services_by_name["EdgeRecordService"],
]
METHODS = [method.name for service in SERVICES for method in service.methods]
ALLOWED = {
    "GetMe": "staff kiosk member",
    "StreamPerson": "staff kiosk member",
    "StreamGym": "staff kiosk",
    "StreamPreview": "staff",
    "ListPeople": "staff kiosk",
    "GetSession": "staff kiosk member",
    "ListSets": "staff member",
    "GetSet": "staff member",
    "ListGuidance": "staff member",
    "ListExercises": "staff kiosk member",
    "ListClips": "staff member",
    "ReadClip": "staff member",
    "CreateCamera": "staff",
    "GetCamera": "staff",
    "ListCameras": "staff kiosk",
    "DeleteCamera": "staff",
    "PushFrame": "staff member",
    "CreateClaimCode": "staff kiosk",
    "GetAlert": "staff",
    "ListAlerts": "staff",
    "AcknowledgeAlert": "staff",
    "GetHistory": "staff member",
    "GetTotals": "staff member",
    "GetStreaks": "staff member",
    "ListPersonalBests": "staff member",
    "GetTrends": "staff member",
    "GetMuscleBalance": "staff member",
    "CompareWeeks": "staff member",
    "CorrectSet": "staff member",
    "ListCorrections": "staff member",
    "GetCorrectionSummary": "staff",
    "ExportRecord": "staff member",
}


def bearer(role: str, lifetime_s: float = 60) -> list[tuple[str, str | bytes]]:
    person_id = "p1" if role == "member" else ""
    token, _ = tokens.mint(KEY, gym_id="gym", role=role, lifetime_s=lifetime_s, person_id=person_id)
    return [("authorization", f"Bearer {token}")]


def test_every_method_but_redeeming_is_in_the_table() -> None:
    assert set(access.ROLES_OF_METHOD) == set(METHODS) - {"RedeemClaimCode"} == set(ALLOWED)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", sorted(ALLOWED))
def test_a_role_may_call_exactly_what_it_is_allowed(method: str, role: str) -> None:
    if role in ALLOWED[method].split():
        assert access.authorize(VERIFIER, method, bearer(role)).role == role
    else:
        with pytest.raises(PermissionDenied, match=method):
            access.authorize(VERIFIER, method, bearer(role))


@pytest.mark.parametrize("method", sorted(set(ALLOWED) - {"GetMe", "ListExercises"}))
def test_the_table_says_what_the_contract_says(method: str) -> None:
    contract = "".join(path.read_text() for path in (PROJECT_DIR / "proto/spotter/edge/v1").glob("*.proto"))
    comment = re.search(rf"((?:  //[^\n]*\n)+)  rpc {method}\(", contract)
    assert comment
    said = re.search(r"Roles?: (.*)\.\n", comment[1])
    assert said
    assert {role for role in ROLES if role in said[1]} == access.ROLES_OF_METHOD[method]


@pytest.mark.parametrize(
    "metadata",
    [[], [("authorization", "")], [("authorization", "Basic YTpi")], [("authorization", "Bearer not-a-token")]],
)
def test_without_a_token_that_holds_nothing_is_allowed(metadata: list[tuple[str, str | bytes]]) -> None:
    with pytest.raises(Unauthenticated):
        access.authorize(VERIFIER, "GetMe", metadata)


def test_an_expired_token_says_what_to_do() -> None:
    with pytest.raises(Unauthenticated, match="expired; scan"):
        access.authorize(VERIFIER, "GetMe", bearer("staff", lifetime_s=-60))


def test_a_token_signed_by_somebody_else_is_refused() -> None:
    token, _ = tokens.mint(tokens.create_key(), gym_id="gym", role="staff", lifetime_s=60)
    with pytest.raises(Unauthenticated):
        access.authorize(VERIFIER, "GetMe", [("authorization", f"Bearer {token}")])


def claims(role: str, person_id: str | None = None) -> Claims:
    return Claims(GymId("gym"), role, PersonId(person_id) if person_id else None, 0)


def test_a_member_is_always_asked_about_as_their_own_person() -> None:
    assert access.person_of(claims("member", "p1"), "") == "p1"
    assert access.require_person(claims("member", "p1"), "p1") == "p1"
    with pytest.raises(PermissionDenied):
        access.person_of(claims("member", "p1"), "p2")
    with pytest.raises(PermissionDenied):
        access.person_of(claims("member"), "")


def test_staff_name_whom_they_mean() -> None:
    assert access.person_of(claims("staff"), "") is None
    assert access.require_person(claims("staff"), "p2") == "p2"
    with pytest.raises(InvalidArgument, match="person_id"):
        access.require_person(claims("kiosk"), "")


def test_a_member_does_not_learn_that_something_of_others_exists() -> None:
    access.check_owner(claims("member", "p1"), "p1", "set")
    access.check_owner(claims("staff"), "p2", "set")
    for owner in ("p2", ""):
        with pytest.raises(NotFound):
            access.check_owner(claims("member", "p1"), owner, "set")
