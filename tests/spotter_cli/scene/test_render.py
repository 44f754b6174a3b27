"""Films can be decoded, cut at each second and do not depend on how the work was spread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from spotter_cli.scene import SceneSpec, load_truth, render_sample, render_scene
from spotter_cli.scene.render import fingerprint

MakeScene = Callable[..., SceneSpec]


def pictures(video: Path) -> list[np.ndarray]:
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_a_short_film_is_h264_that_browsers_play(tmp_path: Path, small_scene: MakeScene) -> None:
    truth = render_scene(small_scene(10), tmp_path / "film.mp4", workers=0)
    with av.open(str(tmp_path / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (320, 180)
        assert stream.average_rate == 15
        assert not stream.codec_context.has_b_frames
        assert len(list(container.decode(video=0))) == truth.frames == 10


def test_there_is_a_key_frame_each_second_and_no_reordering(tmp_path: Path, small_scene: MakeScene) -> None:
    render_scene(small_scene(46), tmp_path / "film.mp4", workers=0)
    with av.open(str(tmp_path / "film.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 15, 30, 45]
    assert all(packet.pts == packet.dts for packet in packets)


def test_two_processes_make_the_film_of_one(tmp_path: Path, small_scene: MakeScene) -> None:
    for workers in (0, 2):
        render_scene(small_scene(10), tmp_path / f"{workers}.mp4", workers=workers)
    alone, shared = (pictures(tmp_path / f"{workers}.mp4") for workers in (0, 2))
    assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


def test_the_joints_are_written_beside_the_film(tmp_path: Path, small_scene: MakeScene) -> None:
    render_scene(small_scene(5), tmp_path / "film.mp4", joints_out=tmp_path / "joints.npz", workers=0)
    with np.load(tmp_path / "joints.npz") as joints:
        assert joints["room"].shape == (5, 1, 17, 3)
        assert joints["pixels"].shape == (5, 1, 17, 2)
        assert joints["floor_homography"].shape == (3, 3)


def test_a_sample_is_kept_until_the_scene_changes(tmp_path: Path, small_scene: MakeScene) -> None:
    def render(spec: SceneSpec) -> int:
        return render_sample(tmp_path, workers=0, spec=spec).video.stat().st_mtime_ns

    first = render(small_scene(4))
    assert render(small_scene(4)) == first
    assert render(small_scene(5)) != first
    assert load_truth(tmp_path / "sample_gym.json").fingerprint == fingerprint(small_scene(5))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sample_gym.json", "sample_gym.mp4"]


def test_a_damaged_truth_makes_the_sample_anew(tmp_path: Path, small_scene: MakeScene) -> None:
    render_sample(tmp_path, workers=0, spec=small_scene(4))
    (tmp_path / "sample_gym.json").write_text("{")
    sample = render_sample(tmp_path, workers=0, spec=small_scene(4))
    assert (sample.frames, sample.people[0].reps) == (4, 1)


def test_progress_rises_to_one(tmp_path: Path, small_scene: MakeScene) -> None:
    shares: list[float] = []
    render_sample(tmp_path, lambda share, doing: shares.append(share), workers=0, spec=small_scene(4))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
