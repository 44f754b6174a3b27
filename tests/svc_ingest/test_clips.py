from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from svc_ingest.bridge import Bridge
from svc_ingest.clips import ClipError, cut
from svc_ingest.packets import AccessUnit, VideoFormat
from svc_ingest.reader import Finished, Item, Opened, ReadPlan, SourceReader
from svc_ingest.sources import parse_source
from tests.svc_ingest.videos import jpeg, open_video, write_video

ENCODERS = ("libx264",)


async def read(path: Path) -> tuple[list[AccessUnit], str]:
    """All access units of a file, and what was said at its end."""
    bridge: Bridge[Item] = Bridge(8)
    plan = ReadPlan(parse_source(str(path), frozenset({"file"})), False, True, 5.0, 5.0)
    SourceReader(plan, bridge).start()
    units: list[AccessUnit] = []
    while True:
        item = await asyncio.wait_for(bridge.get(), 10)
        if isinstance(item, AccessUnit):
            units.append(item)
        elif not isinstance(item, Opened):
            assert isinstance(item, Finished)
            return units, item.detail


def frames(data: bytes) -> list[Any]:
    with open_video(io.BytesIO(data)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])
async def test_a_clip_shows_exactly_the_pictures_of_its_packets(tmp_path: Path, suffix: str) -> None:
    units, detail = await read(write_video(tmp_path / f"a.{suffix}"))
    assert len(units) == 100 and detail == ""
    made = cut(units[25:75], ENCODERS)
    shown = frames(made.data)
    with open_video(str(tmp_path / f"a.{suffix}")) as whole:
        original = list(whole.decode(video=0))
    assert len(shown) == 50
    assert (shown[0].to_ndarray() == original[25].to_ndarray()).all()
    assert made.duration_ns == pytest.approx(2e9, abs=1e8)
    assert made.data.index(b"moov") < made.data.index(b"mdat")


async def test_a_clip_of_a_turned_video_is_turned(tmp_path: Path) -> None:
    units, _ = await read(write_video(tmp_path / "a.mp4", 30, turn_deg=90))
    assert units[0].format.rotation_deg == 90
    assert units[0].format.upright_size_px == (120, 160)
    assert frames(cut(units, ENCODERS).data)[0].rotation == -90


@pytest.mark.parametrize(("suffix", "codec"), [("gif", "gif"), ("avi", "mjpeg")])
async def test_a_source_that_no_browser_plays_is_encoded_for_its_clip(tmp_path: Path, suffix: str, codec: str) -> None:
    units, _ = await read(write_video(tmp_path / f"a.{suffix}", 40, codec=codec))
    with open_video(io.BytesIO(cut(units, ENCODERS).data)) as clip:
        assert clip.streams.video[0].codec_context.name == "h264"
        assert len(list(clip.decode(video=0))) == 40


def test_pushed_pictures_make_a_clip() -> None:
    found = VideoFormat("mjpeg", b"", 160, 120, 0, 0.0)
    units = [
        AccessUnit(n + 1, n * 200_000_000, 0, n * 200_000_000, n * 200_000_000, 0, True, jpeg(n), found)
        for n in range(10)
    ]
    shown = frames(cut(units, ENCODERS).data)
    assert len(shown) == 10
    assert float(shown[-1].pts * shown[-1].time_base) == pytest.approx(1.8, abs=0.01)


def test_packets_without_a_key_frame_make_no_clip() -> None:
    with pytest.raises(ClipError):
        cut([], ENCODERS)


async def test_a_truncated_video_says_how_much_of_it_was_read(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    units, detail = await read(tmp_path / "b.mp4")
    assert 10 < len(units) < 90
    assert "incomplete" in detail and "of 4.0 s" in detail
