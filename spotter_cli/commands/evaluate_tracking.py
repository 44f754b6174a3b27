"""`spotter evaluate-tracking`: drawn scenes through the service's own eye, and how well it tells people apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from mesh.errors import StartupError
from mesh.settings import load
from spotter_cli.evaluation.manifest import ManifestError
from spotter_cli.session import write_json

if TYPE_CHECKING:
    from spotter_cli.tracking.evaluation import FilmResult
    from spotter_cli.tracking.films import Film
    from spotter_cli.tracking.report import ClipCounts


def evaluate_tracking(
    *scenes: str,
    out: Path = Path("out/tracking"),
    models: Path | None = None,
    clips: Path | None = None,
    reuse: bool = False,
    film: bool = False,
) -> int:
    """Send scenes with known truth through the eye of svc_vision, and score its tracks with a public evaluator.

    Parameters
    ----------
    scenes
        Names of scenes, see docs/tracking.md; all where none is named. They are drawn once and kept.
    out
        Folder for report.json, report.md and pictures of the frames in which an id changed.
    models
        Model repository; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    clips
        Manifest of recorded clips; of those named track_* the ids are counted.
    reuse
        Take what was found in a film the last time: for trying changes of the tracker only.
    film
        Also write each film with the ids drawn on.
    """
    console = Console(highlight=False)
    try:
        return _evaluate(console, scenes, out, models, clips, reuse, film)
    except (StartupError, ManifestError, OSError) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1


def _evaluate(
    console: Console,
    scenes: Sequence[str],
    out: Path,
    models: Path | None,
    clips: Path | None,
    reuse: bool,
    film: bool,
) -> int:
    from spotter_cli.tracking import report
    from spotter_cli.tracking.clips import count_clip, load_clips
    from spotter_cli.tracking.evaluation import evaluate_film
    from spotter_cli.tracking.eyes import open_eyes
    from spotter_cli.tracking.scoring import require_evaluator
    from svc_vision.settings import VisionSettings

    require_evaluator()
    settings = load(VisionSettings)
    if models is not None:
        settings = settings.model_copy(update={"model_repository": models.absolute()})
    results: list[FilmResult] = []
    counts: ClipCounts = []
    with open_eyes(settings) as eyes:
        for one in _films(console, scenes):
            results.append(evaluate_film(one, eyes, reuse=reuse))
            _show(console, results[-1], out, film)
        if clips is not None:
            counts = [(clip, count_clip(clip, eyes)) for clip in load_clips(clips)]
    write_json(out / "report.json", report.as_json(eyes.finder, results, counts))
    (out / "report.md").write_text(report.as_markdown(eyes.finder, results, counts), encoding="utf-8")
    console.print(f"Report: {out / 'report.md'}", soft_wrap=True)
    return 0


def _films(console: Console, scenes: Sequence[str]) -> Iterator[Film]:
    """The films of the scenes, drawn where they aren't there. Raises StartupError for a scene that isn't known."""
    from spotter_cli.tracking.films import cache_dir, prepare_film
    from spotter_cli.tracking.scenes import SCENES

    unknown = sorted(set(scenes) - set(SCENES))
    if unknown:
        raise StartupError(f"There is no scene {', '.join(unknown)}; there are {', '.join(SCENES)}.")
    for scene in scenes or SCENES:
        for name, spec in SCENES[scene].films().items():
            with console.status(f"drawing {name}"):
                film = prepare_film(name, spec, cache_dir())
            with console.status(f"watching {name}"):
                yield film


def _show(console: Console, result: FilmResult, out: Path, film: bool) -> None:
    """One line a tracker; pictures of what went wrong."""
    from spotter_cli.tracking.evaluation import SPOTTER
    from spotter_cli.tracking.pictures import save_film, save_wrong_frames

    for name, judged in result.judged.items():
        one = judged.score
        console.print(
            f"{result.film.name:20s} {name:22s} HOTA {one.hota:.3f} AssA {one.ass_a:.3f} IDF1 {one.idf1:.3f} "
            f"MOTA {one.mota:.3f} switches {one.switches} ids {judged.ids} for {result.people} "
            f"mirrored {len(judged.mistakes.reflected_ids)}",
            soft_wrap=True,
        )
    ours = result.judged[SPOTTER]
    save_wrong_frames(result, ours, out / "wrong" / result.film.name)
    if film:
        save_film(result, ours, out / "films" / f"{result.film.name}.mp4")
