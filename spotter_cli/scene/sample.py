"""The sample gym: one camera, two people, known repetitions and one fault."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from spotter_cli.scene.motions import Exercise, Fault
from spotter_cli.scene.render import Progress, fingerprint, render_scene
from spotter_cli.scene.script import PersonSpec, PersonTruth, SceneSpec, load_truth, save_truth

SAMPLE_SCENE = SceneSpec(
    people=(
        PersonSpec(
            Exercise.SQUAT,
            reps=6,
            position_m=(-1.05, 0.1),
            yaw_deg=-8,
            look="blue",
            start_s=2.0,
            tempo_s=3.0,
            fault=Fault.KNEES_CAVING_IN,
            faulty_reps=(3, 4, 5),
            seed=1,
        ),
        PersonSpec(
            Exercise.BICEP_CURL,
            reps=8,
            position_m=(1.1, 0.2),
            yaw_deg=-10,
            look="rose",
            start_s=1.6,
            tempo_s=2.7,
            seed=3,
        ),
    ),
)
"""The left one squats, from the fourth repetition on with knees caving in; the right one curls well."""


@dataclass(frozen=True)
class SampleGym:
    """The rendered sample and what is true about it."""

    video: Path
    truth: Path
    people: list[PersonTruth]
    fps: int
    frames: int
    duration_s: float


def render_sample(
    out_dir: Path, progress: Progress | None = None, *, workers: int = 2, spec: SceneSpec = SAMPLE_SCENE
) -> SampleGym:
    """Render the sample, or another scene in its place, unless this very renderer made what lies in `out_dir`.

    Film and truth are written beside their places and moved there, the truth last: a truth that is there vouches
    for the film. progress gets the share done (0..1) and what is being done.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    video, truth_path = out_dir / "sample_gym.mp4", out_dir / "sample_gym.json"
    kept = _kept(video, truth_path, spec)
    if kept is None:
        with tempfile.TemporaryDirectory(prefix=".sample_gym_", dir=out_dir) as scratch:
            new_video, new_truth = Path(scratch) / video.name, Path(scratch) / truth_path.name
            save_truth(render_scene(spec, new_video, workers=workers, progress=progress), new_truth)
            new_video.replace(video)
            new_truth.replace(truth_path)
        kept = load_sample(video, truth_path)
    if progress is not None:
        progress(1.0, "the sample gym is ready")
    return kept


def load_sample(video: Path, truth_path: Path) -> SampleGym:
    """A sample that was rendered before.

    Raises OSError if the truth is not there, ValueError if it is none.
    """
    truth = load_truth(truth_path)
    return SampleGym(video, truth_path, truth.people, truth.fps, truth.frames, truth.duration_s)


def _kept(video: Path, truth_path: Path, spec: SceneSpec) -> SampleGym | None:
    """The sample that lies there, or None if it is missing, damaged or of another renderer."""
    if not video.is_file():
        return None
    try:
        current = load_truth(truth_path).fingerprint == fingerprint(spec)
    except (OSError, ValueError):
        return None
    return load_sample(video, truth_path) if current else None
