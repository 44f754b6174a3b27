from __future__ import annotations

import pytest

from mesh import tokens
from mesh.errors import Unauthenticated


@pytest.fixture(scope="module")
def key() -> bytes:
    return tokens.create_key()


@pytest.fixture(scope="module")
def verifier(key: bytes) -> tokens.Verifier:
    return tokens.Verifier(tokens.public_jwks(key))


def test_a_token_says_who_it_speaks_for(key, verifier):
    token, expire_s = tokens.mint(key, gym_id="gym", role="member", lifetime_s=60, person_id="p1")
    claims = verifier.verify(token)
    assert (claims.gym_id, claims.role, claims.person_id, claims.expire_s) == ("gym", "member", "p1", expire_s)


def test_an_expired_token_is_refused_and_says_what_to_do(key, verifier):
    token, _ = tokens.mint(key, gym_id="gym", role="staff", lifetime_s=-1)
    with pytest.raises(Unauthenticated) as caught:
        verifier.verify(token)
    assert caught.value.reason == "TOKEN_EXPIRED"
    assert "scan" in caught.value.message


@pytest.mark.parametrize("token", ["", "abc", "a.b.c"])
def test_what_isnt_a_token_is_refused(verifier, token):
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_a_token_of_another_gyms_key_is_refused(verifier):
    token, _ = tokens.mint(tokens.create_key(), gym_id="gym", role="staff", lifetime_s=60)
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_an_unknown_role_is_never_minted(key):
    with pytest.raises(ValueError, match="role"):
        tokens.mint(key, gym_id="gym", role="owner", lifetime_s=60)
