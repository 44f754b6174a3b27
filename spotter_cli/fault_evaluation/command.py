"""What `spotter evaluate-faults` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from mesh.settings import load
from spotter_cli.evaluation.manifest import load_manifest
from spotter_cli.fall_evaluation.gathering import Source, gather
from spotter_cli.fall_evaluation.seeing import Kept
from spotter_cli.fault_evaluation import (
    charts,
    drawn,
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
from svc_vision.opening import pose_model
from svc_vision.settings import VisionSettings

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
EYES = 2
"""Films that are looked at side by side."""
DRAWN = "drawn"
"""Drawing and looking take a quarter of an hour, so they are done where they are asked for only."""


@dataclass(frozen=True)
class Wishes:
    """See `commands.evaluate_faults`."""

    shared: Path
    sets: Sequence[str]
    out: Path


def run(console: Console, wishes: Wishes) -> int:
    """Evaluates and writes the report. Raises StartupError, LabelledSetError, ManifestError, OSError."""
    unknown = sorted(set(wishes.sets) - {*READERS, CLIPS, DRAWN})
    if unknown:
        raise StartupError(f"There is no set {', '.join(unknown)}; there are {', '.join((*READERS, CLIPS, DRAWN))}.")
    library = load_library()
    scored = [
        score(labelled, library, lambda told: console.print(told, markup=False, soft_wrap=True))
        for name in wishes.sets or READERS
        if name in READERS
        for labelled in READERS[name](_folder(wishes.shared, name), library)
    ]
    seen = _clips(wishes.shared, library) if not wishes.sets or CLIPS in wishes.sets else []
    _write(scored, seen, wishes.out)
    if DRAWN in wishes.sets:
        _add(_drawn(console, library, wishes.out), wishes.out / "report.md")
    console.print(f"Report: {wishes.out / 'report.md'}", soft_wrap=True)
    return 0


def _folder(shared: Path, name: str) -> Path:
    folder = shared / "datasets" / name
    if not folder.is_dir():
        raise StartupError(f"There is no folder {folder}. Name the folder that holds datasets/{name} with --shared.")
    return folder


def _clips(shared: Path, library: Library) -> list[SeenClip]:
    return list(look(load_manifest(shared / "MANIFEST.json"), shared / "keypoints", library))


def _drawn(console: Console, library: Library, out: Path) -> list[str]:
    source, films = pose_model(load(VisionSettings)), {one.name: one for one in drawn.drawn_sets()}
    sources = [Source(name, one.scene) for name, one in films.items()]
    kept = Kept(out / "keypoints" / source)
    seen, failed = gather(
        sources, source, kept, EYES, lambda name, ready, whole: console.print(f"{ready}/{whole} {name}")
    )
    for name, why in failed.items():
        console.print(f"{name}: {why}", markup=False, soft_wrap=True)
    return drawn.as_markdown([drawn.judge(films[name], seen[name], library) for name in films if name in seen], source)


def _add(lines: Sequence[str], report_path: Path) -> None:
    report_path.write_text(report_path.read_text(encoding="utf-8") + "\n" + "\n".join(lines), encoding="utf-8")


def _write(scored: Sequence[ScoredSet], seen: Sequence[SeenClip], out: Path) -> None:
    write_json(out / "report.json", report.as_json(scored, seen))
    (out / "report.md").write_text(report.as_markdown(scored, seen), encoding="utf-8")
    if scored:
        charts.draw_f1(scored, out / "f1.png")
    if seen:
        charts.draw_clips(seen, out / "clips.png")
