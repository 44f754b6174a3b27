"""What `spotter evaluate-faults` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from spotter_cli.evaluation.manifest import load_manifest
from spotter_cli.fault_evaluation import (
    charts,
    exercise_correction,
    exercise_correction_squats,
    pose_trainer,
    report,
    squat_form,
    wafi,
)
from spotter_cli.fault_evaluation.clips import SeenClip, look
from spotter_cli.fault_evaluation.examples import LabelledSet
from spotter_cli.fault_evaluation.scoring import ScoredSet, score
from spotter_cli.session import write_json
from svc_motion.library import Library, load_library

Reader = Callable[[Path, Library], Iterable[LabelledSet]]
READERS: Mapping[str, Reader] = {
    "exercise-correction": lambda folder, library: [
        exercise_correction.read(folder, library),
        exercise_correction_squats.read(folder, library),
    ],
    "wafi-incorrect": lambda folder, library: [wafi.read(folder, library)],
    "squat-form-evaluation": lambda folder, library: squat_form.read(folder),
    "pose-trainer": lambda folder, library: [pose_trainer.read(folder, library)],
}
"""By the set's folder under `datasets/`."""
CLIPS = "clips"


@dataclass(frozen=True)
class Wishes:
    """See `commands.evaluate_faults`."""

    shared: Path
    sets: Sequence[str]
    out: Path


def run(console: Console, wishes: Wishes) -> int:
    """Evaluates and writes the report. Raises StartupError, LabelledSetError, ManifestError, OSError."""
    unknown = sorted(set(wishes.sets) - {*READERS, CLIPS})
    if unknown:
        raise StartupError(f"There is no set {', '.join(unknown)}; there are {', '.join((*READERS, CLIPS))}.")
    library = load_library()
    scored = [
        score(labelled, library, lambda told: console.print(told, markup=False, soft_wrap=True))
        for name in wishes.sets or READERS
        if name in READERS
        for labelled in READERS[name](_folder(wishes.shared, name), library)
    ]
    seen = _clips(wishes.shared, library) if not wishes.sets or CLIPS in wishes.sets else []
    _write(scored, seen, wishes.out)
    console.print(f"Report: {wishes.out / 'report.md'}", soft_wrap=True)
    return 0


def _folder(shared: Path, name: str) -> Path:
    folder = shared / "datasets" / name
    if not folder.is_dir():
        raise StartupError(f"There is no folder {folder}. Name the folder that holds datasets/{name} with --shared.")
    return folder


def _clips(shared: Path, library: Library) -> list[SeenClip]:
    return list(look(load_manifest(shared / "MANIFEST.json"), shared / "keypoints", library))


def _write(scored: Sequence[ScoredSet], seen: Sequence[SeenClip], out: Path) -> None:
    write_json(out / "report.json", report.as_json(scored, seen))
    (out / "report.md").write_text(report.as_markdown(scored, seen), encoding="utf-8")
    if scored:
        charts.draw_f1(scored, out / "f1.png")
    if seen:
        charts.draw_clips(seen, out / "clips.png")
