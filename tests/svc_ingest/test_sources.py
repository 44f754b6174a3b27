from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mesh.errors import InvalidArgument
from svc_ingest.sources import camera_name, parse_source, without_credentials, without_secrets

ALL = frozenset({"file", "rtsp", "rtsps", "device", "phone"})
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789@:%!$&()*+,;=", min_size=6, max_size=24)


@pytest.mark.parametrize(
    ("uri", "scheme", "address", "name"),
    [
        ("/videos/Squat 1.mp4", "file", "/videos/Squat 1.mp4", "squat-1"),
        ("file:/videos/a.gif", "file", "/videos/a.gif", "a"),
        ("file:///videos/a%20b.mp4", "file", "/videos/a b.mp4", "a-b"),
        ("clips/row.mp4", "file", "clips/row.mp4", "row"),
        ("rtsp://u:p@10.0.0.7:554/s?x=1", "rtsp", "rtsp://u:p@10.0.0.7:554/s?x=1", "10-0-0-7"),
        ("device:/dev/video0", "device", "/dev/video0", "video0"),
        ("phone:", "phone", "", "phone"),
    ],
)
def test_a_uri_says_what_is_opened_and_how_it_is_called(uri: str, scheme: str, address: str, name: str) -> None:
    source = parse_source(uri, ALL)
    assert (source.scheme, source.address, camera_name(source)) == (scheme, address, name)


@pytest.mark.parametrize("uri", ["http://example.org/a.mp4", "concat:a|b", "data:video/mp4;base64,AA", "pipe:0"])
def test_a_scheme_that_is_not_allowed_is_refused_with_those_that_are(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="rtsp") as error:
        parse_source(uri, ALL)
    assert error.value.reason == "SCHEME_NOT_ALLOWED"


@pytest.mark.parametrize("uri", ["", "  ", "rtsp://", "rtsp://host:notaport/", "device:", "file:", "a\0b", "x" * 3000])
def test_an_address_that_cannot_be_one_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_source(uri, ALL)


def test_a_kind_of_source_that_the_gym_does_not_allow_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="'file'"):
        parse_source("/a.mp4", frozenset({"rtsp"}))


@example(user="@00000", password="000000", host="a.lan")
@given(user=WORDS, password=WORDS, host=st.from_regex(r"[a-z]{1,5}\.lan", fullmatch=True))
def test_credentials_are_never_shown(user: str, password: str, host: str) -> None:
    uri = f"rtsp://{user}:{password}@{host}:554/stream"
    for shown in (without_secrets(uri), without_credentials(f"can't open {uri} now")):
        assert f"{user}:" not in shown.replace("rtsp:", "") and f":{password}@" not in shown
        assert host in shown


def test_a_query_may_hold_a_password_and_is_not_shown() -> None:
    assert without_secrets("rtsp://10.0.0.7/s?user=admin&password=x") == "rtsp://10.0.0.7/s"
