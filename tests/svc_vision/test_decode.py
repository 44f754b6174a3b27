"""Decoding survives what cameras send."""

import io
from fractions import Fraction
from typing import Literal

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from svc_vision.decode import DecodedFrame, Decoder
from svc_vision.errors import CodecError
from svc_vision.picture import Picture

Packets = list[tuple[bytes, int, bool]]


def encode(
    count: int, width: int = 320, height: int = 240, codec: Literal["libx264"] = "libx264"
) -> tuple[Packets, bytes]:
    """A moving square, a key frame every 10 pictures; returns the access units and the extradata."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="matroska") as output:
        video = output.add_stream(codec, rate=15, options={"g": "10", "bf": "2"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for index in range(count):
            picture = np.full((height, width, 3), 60, np.uint8)
            picture[40:120, 10 + 5 * index : 60 + 5 * index] = (0, 0, 255)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 15)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    stream.seek(0)
    with av.open(stream, "r") as source:
        packets = [(bytes(p), int(p.pts or 0), p.is_keyframe) for p in source.demux(video=0) if p.size]
        return packets, source.streams.video[0].codec_context.extradata or b""


def run(decoder: Decoder, packets: Packets) -> list[DecodedFrame]:
    frames = [frame for packet in packets for frame in decoder.decode(*packet)]
    return [*frames, *decoder.flush()]


def test_every_picture_comes_out_in_display_order_with_its_time() -> None:
    packets, extradata = encode(25)
    frames = run(Decoder("h264", extradata), packets)
    assert [frame.pts for frame in frames] == sorted(pts for _, pts, _ in packets)
    picture = frames[0].bgr()
    assert picture.shape == (240, 320, 3) and picture.flags["C_CONTIGUOUS"]
    assert picture[80, 30, 2] > 200 > picture[80, 30, 0]


def test_decoding_waits_for_a_key_frame() -> None:
    packets, extradata = encode(25)
    decoder = Decoder("h264", extradata)
    frames = run(decoder, packets[5:])
    first_key = next(pts for _, pts, key in packets[5:] if key)
    assert frames[0].pts >= first_key and decoder.skipped > 0


@pytest.mark.parametrize("garbage", [b"", b"\x00", b"\xff" * 500, b"\x00\x00\x00\x20\x65" + b"\xaa" * 300])
def test_garbage_costs_pictures_until_the_next_key_frame_and_nothing_else(garbage: bytes) -> None:
    packets, extradata = encode(40)
    decoder = Decoder("h264", extradata)
    frames = run(decoder, [*packets[:13], (garbage, packets[13][1], False), *packets[14:]])
    assert {frame.pts for frame in frames} >= {pts for _, pts, _ in packets[22:]}
    assert all(frame.bgr().shape == (240, 320, 3) for frame in frames)


def test_random_damage_never_raises() -> None:
    packets, extradata = encode(60)
    rng = np.random.default_rng(1)
    decoder = Decoder("h264", extradata)
    for data, pts, key in packets:
        damaged = bytearray(data)
        for place in rng.integers(0, len(damaged), 6):
            damaged[place] = int(rng.integers(256))
        for frame in decoder.decode(bytes(damaged), pts, key):
            frame.bgr()
    decoder.flush()


def test_the_picture_may_change_its_size_in_mid_stream() -> None:
    small, extradata = encode(10)
    large, other = encode(10, 640, 480)
    decoder = Decoder("h264", b"")
    sizes = []
    for packets, parameters in ((small, extradata), (large, other)):
        converted = annex_b(packets, parameters)
        sizes += [frame.width for packet in converted for frame in decoder.decode(*packet)]
    sizes += [frame.width for frame in decoder.flush()]
    assert set(sizes) == {320, 640} and sizes == sorted(sizes)


def annex_b(packets: Packets, avcc: bytes) -> Packets:
    """Access units as an RTSP camera sends them: start codes, parameter sets before each key frame."""
    sps_length = int.from_bytes(avcc[6:8], "big")
    sps, rest = avcc[8 : 8 + sps_length], avcc[8 + sps_length :]
    pps = rest[3 : 3 + int.from_bytes(rest[1:3], "big")]
    start = b"\x00\x00\x00\x01"
    result = []
    for data, pts, key in packets:
        out, position = (start + sps + start + pps) if key else b"", 0
        while position < len(data):
            length = int.from_bytes(data[position : position + 4], "big")
            out += start + data[position + 4 : position + 4 + length]
            position += 4 + length
        result.append((out, pts, key))
    return result


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))])
def test_a_turned_camera_is_put_upright(rotation: int, corner: tuple[int, int]) -> None:
    picture = np.zeros((60, 100, 3), np.uint8)
    picture[:20, :20] = 255
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    frame = Decoder("mjpeg", rotation_deg=rotation).decode(jpeg, 7, False)[0]
    upright = frame.bgr()
    assert upright.shape[:2] == (frame.height, frame.width)
    bright = upright[-10 if corner[0] else 10, -10 if corner[1] else 10, 0]
    assert frame.pts == 7 and bright > 200


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_small_picture_and_its_brightness_stand_upright_too(rotation: int) -> None:
    picture = np.zeros((240, 400, 3), np.uint8)
    picture[:120, :120] = (30, 90, 250)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    frame = Decoder("mjpeg", rotation_deg=rotation).decode(jpeg, 0, False)[0]
    width, height = frame.width // 4, frame.height // 4
    small = frame.scaled(width, height, "rgb24")
    whole = cv2.resize(frame.bgr(), (width, height), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    assert small.shape == (height, width, 3) and small.flags["C_CONTIGUOUS"]
    assert np.abs(small.astype(int) - whole).mean() < 2
    np.testing.assert_array_equal(frame.scaled(width, height, "bgr24"), small[:, :, ::-1])
    luma = frame.luma_thumbnail(frame.width // 40, frame.height // 40)
    bright = cv2.resize(frame.bgr()[:, :, 2], luma.shape[::-1], interpolation=cv2.INTER_AREA) > 100
    assert luma.shape == (frame.height // 40, frame.width // 40)
    assert luma[bright].min() > 60 > luma[~bright].max()


@pytest.mark.parametrize("size", [(640, 360), (100, 60), (320, 240), (33, 21), (5, 3)])
def test_a_picture_in_any_size_looks_like_the_whole_one(size: tuple[int, int]) -> None:
    packets, extradata = encode(3)
    frame = run(Decoder("h264", extradata), packets)[0]
    whole = cv2.resize(frame.bgr(), size, interpolation=cv2.INTER_AREA)
    assert np.abs(frame.scaled(*size, "bgr24").astype(int) - whole).mean() < 3


def test_means_of_brightness_are_those_of_the_whole_picture_as_it_was_coded() -> None:
    packets, extradata = encode(3)
    for rotation in (0, 90):
        frame = run(Decoder("h264", extradata, rotation), packets)[0]
        upright = np.rot90(frame.bgr(), rotation // 90)
        whole = cv2.resize(
            cv2.cvtColor(np.ascontiguousarray(upright), cv2.COLOR_BGR2GRAY), (64, 36), interpolation=cv2.INTER_AREA
        )
        # as coded, black is 16 and white 235
        assert np.abs(frame.luma_means(64, 36) - (16 + whole * (219.0 / 255))).mean() < 3


def test_pixels_from_elsewhere_are_a_picture_like_any_other() -> None:
    rng = np.random.default_rng(0)
    pixels = cv2.resize(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8), (401, 301))
    picture = Picture.of(np.asarray(pixels, np.uint8)[:, ::-1])
    assert (picture.width, picture.height) == (401, 301)
    np.testing.assert_array_equal(picture.bgr(), pixels[:, ::-1])
    assert picture.bgr() is picture.bgr()
    assert np.abs(picture.rgb(80, 60)[..., ::-1].astype(int) - cv2.resize(pixels[:, ::-1], (80, 60))).mean() < 4
    assert picture.luma_thumbnail(8, 6).shape == (6, 8)


def test_pictures_that_nothing_refers_to_can_be_passed_over_and_taken_up_again() -> None:
    packets, extradata = encode(30)
    everything = {pts for _, pts, _ in packets}
    decoder = Decoder("h264", extradata)
    decoder.skip_unreferenced(True)
    first = {frame.pts for packet in packets[:20] for frame in decoder.decode(*packet)}
    decoder.skip_unreferenced(False)
    rest = {frame.pts for packet in packets[20:] for frame in decoder.decode(*packet)}
    rest |= {frame.pts for frame in decoder.flush()}
    coded_late = {pts for _, pts, _ in packets[20:]}
    assert len(first) < 15 and rest >= coded_late and first | rest < everything and decoder.errors == 0


def test_a_phone_may_send_broken_jpegs_between_good_ones() -> None:
    good = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
    decoder = Decoder("jpeg")
    counts = [len(decoder.decode(data, i, True)) for i, data in enumerate([good, b"", b"nonsense", good[:40], good])]
    assert counts[0] == counts[-1] == 1 and decoder.errors >= 2


@pytest.mark.parametrize(
    ("codec", "rotation", "reason"), [("theora", 0, "CODEC_UNKNOWN"), ("h264", 45, "ROTATION_INVALID")]
)
def test_what_can_not_be_decoded_is_said_at_once(codec: str, rotation: int, reason: str) -> None:
    with pytest.raises(CodecError) as error:
        Decoder(codec, rotation_deg=rotation)
    assert error.value.reason == reason
