"""Cuts of a camera's picture are told from everything else that changes much of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mesh.times import NS_PER_S
from svc_vision.blazepose.pose_tracker import PoseTracker
from svc_vision.cuts import THUMBNAIL_PX, CutDetector
from svc_vision.executors.local import LocalExecutor
from svc_vision.eye import CameraEye, Unit, VideoFormat
from svc_vision.picture import Picture

Pictures = list[NDArray[np.uint8]]
LOOKS_PER_S = 15
SIZE_PX = (320, 180)
EDITED = {
    "jumping_jack_11_studio": [5.21, 8.55],
    "lunge_side_cut_closeup": [6.50],
    "pushup_side_good_then_sag": [0.43, 25.12, 28.66],
    "pushup_side_two_shots": [2.77],
}
"""When each shot but the first begins, s, by eye; dissolves and fades aren't listed."""
WHOLE = (
    "reid_womanB_coachC_011",  # carried in the hand, quickly
    "bicep_curl_fault_then_good",  # a plate before the camera, words that come and go
    "jumping_jack_18_gym",  # a whirl between two rounds
    "squat_barbell_quarter_bgpeople",
    "track_five_persons_greenscreen",
)
"""Films in one shot that move much."""


def clip(shared: Path, name: str, until_s: float = 100.0) -> Iterator[tuple[float, av.VideoFrame]]:
    """The pictures of a clip that are looked at, with their times in s."""
    with av.open(str(shared / "videos" / f"{name}.mp4")) as source:
        due_s = 0.0
        first_s: float | None = None
        for frame in source.decode(video=0):
            at_s = frame.time or 0.0
            first_s = at_s if first_s is None else first_s
            if at_s - first_s > until_s:
                return
            if at_s - first_s >= due_s - 1 / 120:
                due_s += 1 / LOOKS_PER_S
                yield at_s - first_s, frame


def small(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Its pixels in the size that is used here."""
    return np.asarray(frame.to_ndarray(width=SIZE_PX[0], height=SIZE_PX[1], format="bgr24"), np.uint8)


def pictures(shared: Path, name: str, count: int, skip: int = 0) -> Pictures:
    """Small pictures of a clip, one a look."""
    found: Pictures = []
    for number, (_, frame) in enumerate(clip(shared, name)):
        if number >= skip:
            found.append(small(frame))
        if len(found) == count:
            break
    return found


def film(path: Path, shots: Sequence[Pictures]) -> Path:
    """Joins shots, as H.264 that has no key frame where they join."""
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=LOOKS_PER_S, options={"sc_threshold": "0", "crf": "23"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = *SIZE_PX, "yuv420p"
        for number, picture in enumerate(picture for shot in shots for picture in shot):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, LOOKS_PER_S)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    return path


def cuts_of(shown: Iterable[NDArray[np.uint8]]) -> list[int]:
    """Numbers of the pictures that follow a cut."""
    detector = CutDetector()
    thumbnails = (Picture.of(bgr).luma_means(*THUMBNAIL_PX) for bgr in shown)
    return [number for number, luma in enumerate(thumbnails) if detector.is_cut(number / LOOKS_PER_S, luma)]


def decoded(path: Path) -> Pictures:
    with av.open(str(path)) as source:
        return [small(frame) for frame in source.decode(video=0)]


def looks_of(path: Path, executor: LocalExecutor) -> list[int]:
    """For each second picture, which vision's eye looks at, the number of the one after the newest cut; 0 for none."""
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        eye = CameraEye(PoseTracker(executor), VideoFormat("h264", bytes(stream.codec_context.extradata or b""), 0))
        waiting = []
        for number, packet in enumerate(source.demux(stream)):
            if packet.pts is not None:
                shown_ns = NS_PER_S + round(float(packet.pts * packet.time_base) * NS_PER_S)
                waiting += eye.decode([Unit(number, shown_ns, shown_ns, shown_ns, packet.is_keyframe, bytes(packet))])
    looks = [eye.look_at(one) for one in [*waiting, *eye.flush()][::2]]
    return [look.cut_time_ns and round((look.cut_time_ns / NS_PER_S - 1) * LOOKS_PER_S) for look in looks]


@pytest.mark.parametrize("name", [*EDITED, *WHOLE])
def test_the_cuts_of_edited_films_are_found_and_no_others(shared: Path, name: str) -> None:
    detector = CutDetector()
    thumbnails = ((at_s, Picture.of(small(frame))) for at_s, frame in clip(shared, name, until_s=30.0))
    found = [at_s for at_s, picture in thumbnails if detector.is_cut(at_s, picture.luma_means(*THUMBNAIL_PX))]
    assert found == pytest.approx(EDITED.get(name, []), abs=1 / LOOKS_PER_S)


def test_every_look_after_a_join_says_when_it_was(shared: Path, tmp_path: Path, executor: LocalExecutor) -> None:
    names = {"deadlift_front_garage": 9, "plank_side3q_39s": 8, "reid_manD_015": 8}
    shots = [pictures(shared, name, count) for name, count in names.items()]
    assert looks_of(film(tmp_path / "joined.mp4", shots), executor) == [0] * 5 + [9] * 4 + [17] * 4


@pytest.mark.parametrize("preset", [(0.1, 0.1, 0.55), (0.4, 0.3, 0.6)])
def test_a_jump_to_another_preset_of_the_same_camera_is_a_cut(
    shared: Path, tmp_path: Path, preset: tuple[float, float, float]
) -> None:
    left, top, zoom = preset
    width, height = SIZE_PX
    area = np.s_[round(top * height) :, round(left * width) :]
    shown = pictures(shared, "squat_barbell_front3q_musclewiki", 30)
    near: Pictures = [
        np.asarray(cv2.resize(one[area][: round(zoom * height), : round(zoom * width)], SIZE_PX), np.uint8)
        for one in shown[15:]
    ]
    assert cuts_of(decoded(film(tmp_path / "preset.mp4", [shown[:15], near]))) == [15]


@pytest.mark.parametrize("gain", [0.25, 0.5, 1.6, 2.2])
@pytest.mark.parametrize("name", ["deadlift_front_garage", "reid_manD_015", "front_raise_side_musclewiki"])
def test_lights_that_are_switched_are_no_cut(shared: Path, tmp_path: Path, name: str, gain: float) -> None:
    shown = pictures(shared, name, 15)
    # one lamp lights its side more; the camera's exposure adapts within a second
    lamp = np.linspace(1.0, 0.7, SIZE_PX[0])[None, :, None]
    lit: Pictures = [
        np.clip(one * (1 + (gain * lamp - 1) * np.exp(-age / 8)), 0, 255).astype(np.uint8)
        for age, one in enumerate(shown[7:])
    ]
    assert cuts_of(decoded(film(tmp_path / "lights.mp4", [shown[:7], lit]))) == []


def test_what_comes_after_the_dark_is_compared_with_what_was_before_it(shared: Path) -> None:
    room, other = (pictures(shared, name, 6) for name in ("deadlift_front_garage", "plank_side3q_39s"))
    dark: Pictures = [np.full((SIZE_PX[1], SIZE_PX[0], 3), 2, np.uint8)] * 5
    assert cuts_of([*room, *dark, *room]) == []
    assert cuts_of([*room, *dark, *other]) == [11]


@pytest.mark.parametrize("widths_a_s", [0.3, 0.6, 0.9, -0.9])
@pytest.mark.parametrize("name", ["deadlift_front_garage", "reid_manA_005", "squat_barbell_front3q_musclewiki"])
def test_a_person_who_passes_close_to_the_camera_is_no_cut(
    shared: Path, tmp_path: Path, name: str, widths_a_s: float
) -> None:
    shown = pictures(shared, name, 15)
    shown = [*shown, *shown[::-1], *shown]
    width, height = SIZE_PX
    man = pictures(shared, "jumping_jack_11_studio", 1, skip=20)[0][:, 110:210]
    near = np.asarray(cv2.resize(man, (2 * man.shape[1], 2 * height)), np.uint8)[:height]
    passing: Pictures = []
    for number, one in enumerate(shown):
        left = round(number * widths_a_s * width / LOOKS_PER_S) + (-near.shape[1] if widths_a_s > 0 else width)
        inside = slice(max(left, 0), min(left + near.shape[1], width))
        picture = one.copy()
        if inside.start < inside.stop:
            picture[:, inside] = near[:, inside.start - left : inside.stop - left]
        passing.append(picture)
    assert cuts_of(decoded(film(tmp_path / "passing.mp4", [passing]))) == []


@pytest.mark.parametrize("widths_a_s", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("name", ["deadlift_front_garage", "bicep_curl_partial_range_park"])
def test_a_camera_that_turns_is_no_cut(shared: Path, tmp_path: Path, name: str, widths_a_s: float) -> None:
    width, height = SIZE_PX
    # half of a picture's width is the view; the camera turns to the end and back
    wide: Pictures = [
        np.asarray(cv2.resize(one, (2 * width, 2 * height)), np.uint8) for one in pictures(shared, name, 40)
    ]
    way = [abs((number * widths_a_s * width / LOOKS_PER_S) % (2 * width) - width) for number in range(40)]
    turned: Pictures = [one[90 : 90 + height, round(x) : round(x) + width] for one, x in zip(wide, way, strict=True)]
    assert cuts_of(decoded(film(tmp_path / "turn.mp4", [turned]))) == []


def test_the_noise_of_a_dark_room_is_no_cut(shared: Path) -> None:
    rng = np.random.default_rng(0)
    dim = [one * 0.15 for one in pictures(shared, "squat_barbell_quarter_bgpeople", 30)]
    noisy: Pictures = [np.clip(one + rng.normal(0, 18, one.shape), 0, 255).astype(np.uint8) for one in dim]
    assert cuts_of(noisy) == []


def test_pictures_that_are_far_apart_say_nothing(shared: Path) -> None:
    one, other = (pictures(shared, name, 1)[0] for name in ("deadlift_front_garage", "plank_side3q_39s"))
    detector = CutDetector()
    seen = [(0.0, one), (0.1, one), (0.2, other), (1.2, one)]
    assert [detector.is_cut(at_s, Picture.of(bgr).luma_means(*THUMBNAIL_PX)) for at_s, bgr in seen] == [
        False, False, True, False,
    ]  # fmt: skip
