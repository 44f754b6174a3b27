"""The two formats that are looked into: JPEG from phones, GIF for its tail."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_ingest.gif import has_picture
from svc_ingest.jpeg import picture_size_px
from tests.svc_ingest.videos import jpeg, open_video, write_video


@pytest.mark.parametrize(("width", "height"), [(160, 120), (64, 480), (1280, 720)])
def test_the_size_of_a_jpeg_is_read(width: int, height: int) -> None:
    assert picture_size_px(jpeg(0, width, height)) == (width, height)


@given(st.binary(max_size=200))
def test_anything_else_is_no_jpeg_and_never_an_error(data: bytes) -> None:
    size = picture_size_px(data)
    assert size is None or data.startswith(b"\xff\xd8")
    picture_size_px(b"\xff\xd8" + data)


@given(st.integers(0, 400))
def test_a_jpeg_cut_before_its_picture_is_none(length: int) -> None:
    whole = jpeg()
    assert picture_size_px(whole[:length]) in (None, (160, 120))
    assert picture_size_px(whole[:20]) is None


def test_every_packet_of_a_gif_but_its_tail_holds_a_picture(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.gif", 12, codec="gif")
    with open_video(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert sum(map(has_picture, packets)) == 12
    assert not has_picture(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00;")


@given(st.binary(max_size=100))
def test_any_bytes_are_judged_without_an_error(data: bytes) -> None:
    has_picture(data)
    has_picture(b"GIF89a" + data)
