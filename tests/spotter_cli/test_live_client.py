from __future__ import annotations

from pathlib import Path

import pytest

from spotter.common.v1 import stream_pb2
from spotter_cli.live_client import new_camera, source_address


@pytest.mark.parametrize(
    ("source", "uri", "name"),
    [
        ("rtsp://user:secret@cam.local/stream", "rtsp://user:secret@cam.local/stream", "cam.local/stream"),
        ("device:0", "device:0", "0"),
        ("file:/tmp/a.mp4", "file:/tmp/a.mp4", "/tmp/a.mp4"),
        ("ftp://a/b", "ftp://a/b", "a/b"),
        ("/videos/My Squat.mp4", "/videos/My Squat.mp4", "My Squat"),
    ],
)
def test_what_a_person_types_becomes_an_address_and_a_name_without_secrets(source: str, uri: str, name: str) -> None:
    assert source_address(source) == (uri, name)


def test_a_relative_path_becomes_absolute() -> None:
    assert source_address("clips/a.mp4")[0] == str(Path.cwd() / "clips" / "a.mp4")


def test_every_camera_is_new_and_its_id_fits() -> None:
    source = f"/videos/{'Ünïcode & long ' * 10}.mp4"
    first, second = (new_camera(source, every_frame=True, once=True) for _ in range(2))
    assert first.camera_id != second.camera_id
    assert len(first.camera_id) <= 63 and len(first.display_name) <= 120
    assert (first.delivery, first.once) == (stream_pb2.DELIVERY_EVERY, True)
