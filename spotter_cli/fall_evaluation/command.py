"""What `spotter evaluate-falls` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from mesh.settings import load
from spotter_cli.evaluation.manifest import load_manifest
from spotter_cli.fall_evaluation import evaluation, pictures, report
from spotter_cli.fall_evaluation.evaluation import Evaluation
from spotter_cli.fall_evaluation.falls import FallFilm, fall_films
from spotter_cli.fall_evaluation.gathering import Source, gather
from spotter_cli.fall_evaluation.judging import Alert, judge
from spotter_cli.fall_evaluation.seeing import Kept, Seen
from spotter_cli.fall_evaluation.training import TrainingFilm, training_films
from spotter_cli.session import write_json
from svc_vision.opening import pose_model
from svc_vision.settings import VisionSettings


@dataclass(frozen=True)
class Wishes:
    """See `commands.evaluate_falls`."""

    names: Sequence[str]
    out: Path
    clips: Path | None
    reuse: bool
    workers: int


@dataclass(frozen=True)
class _Films:
    """What is to be watched."""

    falls: Sequence[FallFilm]
    training: Sequence[TrainingFilm]
    clips: Sequence[Source]

    def sources(self) -> list[Source]:
        """All of them."""
        falls = [Source(film.name, film.scene) for film in self.falls]
        return [*falls, *(Source(film.name, film.scene) for film in self.training), *self.clips]


def run(console: Console, wishes: Wishes) -> int:
    """Evaluates and writes the report. Raises StartupError, ManifestError."""
    films = _chosen(wishes)
    finder = pose_model(load(VisionSettings))
    kept = Kept(wishes.out / "keypoints" / finder, wishes.reuse)
    with console.status("watching") as status:
        told = lambda name, ready, whole: status.update(f"watched {name}: {ready} of {whole}")  # noqa: E731
        seen, failed = gather(films.sources(), finder, kept, wishes.workers, told)
    with console.status("judging"):
        alerts = {name: judge(one) for name, one in seen.items()}
    whole = _evaluate(finder, films, seen, alerts, failed)
    folder = wishes.out / finder
    write_json(folder / "report.json", report.as_json(whole))
    (folder / "report.md").write_text(report.as_markdown(whole), encoding="utf-8")
    _save_pictures(whole, films, seen, folder / "pictures")
    console.print(report.as_markdown(whole), markup=False, soft_wrap=True)
    console.print(f"Report: {folder / 'report.md'}", soft_wrap=True)
    return 0


def _chosen(wishes: Wishes) -> _Films:
    """The films whose names begin as one of the wishes does; all of them without a wish."""
    clips = load_manifest(wishes.clips) if wishes.clips is not None else []
    falls, training = fall_films(), training_films()
    sources = [Source(clip.name, path=clip.path) for clip in clips]
    names = tuple(wishes.names)
    if not names:
        return _Films(falls, training, sources)
    chosen = _Films(
        [film for film in falls if film.name.startswith(names)],
        [film for film in training if film.name.startswith(names)],
        [source for source in sources if source.name.startswith(names)],
    )
    if not chosen.sources():
        known = ", ".join([*(film.name for film in falls), *(film.name for film in training)])
        raise StartupError(f"No film begins with {', '.join(names)}; there are {known}, and the clips of the manifest.")
    return chosen


def _evaluate(
    finder: str,
    films: _Films,
    seen: Mapping[str, Seen],
    alerts: Mapping[str, Sequence[Alert]],
    failed: Mapping[str, str],
) -> Evaluation:
    return Evaluation(
        finder,
        [evaluation.fall_result(film, seen[film.name], alerts[film.name]) for film in films.falls],
        [evaluation.training_result(film, seen[film.name], alerts[film.name]) for film in films.training],
        [evaluation.clip_result(one, seen[one.name], alerts[one.name]) for one in films.clips if one.name in seen],
        [f"{name}: {reason}" for name, reason in failed.items()],
    )


def _save_pictures(whole: Evaluation, films: _Films, seen: Mapping[str, Seen], folder: Path) -> None:
    """Of this run only: those of an earlier one are removed."""
    for old in folder.glob("*.png"):
        old.unlink()
    sources = {source.name: source for source in films.sources()}
    for fall in whole.falls:
        name = fall.film.name
        if fall.score.told_s is None:
            pictures.save_miss(fall, sources[name].video(), seen[name], folder)
        for alert in fall.score.too_many:
            pictures.save_false(name, alert, sources[name].video(), seen[name], folder)
    for quiet in (*whole.training, *whole.clips):
        for alert in quiet.alerts:
            pictures.save_false(quiet.name, alert, sources[quiet.name].video(), seen[quiet.name], folder)
