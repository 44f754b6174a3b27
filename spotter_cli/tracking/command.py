"""What `spotter evaluate-tracking` does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from mesh.settings import load
from spotter_cli.access import reach_mesh
from spotter_cli.live_client import LiveClient
from spotter_cli.session import write_json
from spotter_cli.terminal import Lines
from spotter_cli.tracking import report
from spotter_cli.tracking.clips import count_clip, load_clips
from spotter_cli.tracking.evaluation import SPOTTER, FilmResult, evaluate_film
from spotter_cli.tracking.eyes import open_eyes
from spotter_cli.tracking.films import Film, cache_dir, prepare_film
from spotter_cli.tracking.mesh_run import MeshResult, watch_in_mesh
from spotter_cli.tracking.pictures import save_film, save_wrong_frames
from spotter_cli.tracking.scenes import FULL_WIDTH_PX, SCENES, TrackingScene
from spotter_cli.tracking.scoring import require_evaluator
from svc_vision.settings import VisionSettings


@dataclass(frozen=True)
class Wishes:
    """See `commands.evaluate_tracking`."""

    scenes: Sequence[str]
    out: Path
    clips: Path | None
    reuse: bool
    film: bool
    mesh: bool
    width_px: int


def run(console: Console, wishes: Wishes) -> int:
    """Evaluates and writes the report. Raises StartupError, LauncherError, ManifestError."""
    require_evaluator()
    unknown = sorted(set(wishes.scenes) - set(SCENES))
    if unknown:
        raise StartupError(f"There is no scene {', '.join(unknown)}; there are {', '.join(SCENES)}.")
    if wishes.width_px % 32 or not 320 <= wishes.width_px <= FULL_WIDTH_PX:
        raise StartupError(f"A film can't be {wishes.width_px} px wide: 320 to {FULL_WIDTH_PX}, in steps of 32.")
    scenes = [SCENES[name] for name in wishes.scenes or SCENES]
    clips = load_clips(wishes.clips) if wishes.clips is not None else []
    results: list[FilmResult] = []
    with open_eyes(load(VisionSettings)) as eyes:
        for film in _films(console, scenes, wishes.width_px):
            results.append(evaluate_film(film, eyes, reuse=wishes.reuse))
            _show(console, results[-1], wishes)
        counts = [(clip, count_clip(clip, eyes)) for clip in clips]
    meshed = asyncio.run(_in_mesh(console, scenes, wishes.width_px)) if wishes.mesh else []
    whole = report.Report(eyes.finder, results, counts, meshed)
    write_json(wishes.out / "report.json", report.as_json(whole))
    (wishes.out / "report.md").write_text(report.as_markdown(whole), encoding="utf-8")
    console.print(f"Report: {wishes.out / 'report.md'}", soft_wrap=True)
    return 0


def _films(console: Console, scenes: Sequence[TrackingScene], width_px: int) -> Iterator[Film]:
    """The films of the scenes, drawn where they aren't there."""
    for scene in scenes:
        for name, spec in scene.films(width_px).items():
            with console.status(f"drawing {name}"):
                film = prepare_film(name, spec, cache_dir())
            with console.status(f"watching {name}"):
                yield film


def _show(console: Console, result: FilmResult, wishes: Wishes) -> None:
    """One line a tracker; pictures of what went wrong."""
    for name, judged in result.judged.items():
        one = judged.score
        console.print(
            f"{result.film.name:20s} {name:22s} HOTA {one.hota:.3f} AssA {one.ass_a:.3f} IDF1 {one.idf1:.3f} "
            f"MOTA {one.mota:.3f} switches {one.switches} ids {judged.ids} for {result.people} "
            f"mirrored {len(judged.mistakes.reflected_ids)}",
            soft_wrap=True,
        )
    ours = result.judged[SPOTTER]
    save_wrong_frames(result, ours, wishes.out / "wrong" / result.film.name)
    if wishes.film:
        save_film(result, ours, wishes.out / "films" / f"{result.film.name}.mp4")


async def _in_mesh(console: Console, scenes: Sequence[TrackingScene], width_px: int) -> list[MeshResult]:
    lines = Lines(console)
    results: list[MeshResult] = []
    async with (
        reach_mesh(lambda part, what: lines.tell(f"{part}: {what}")) as access,
        LiveClient.connected(access) as client,
    ):
        for scene in scenes:
            films = [prepare_film(name, spec, cache_dir()) for name, spec in scene.films(width_px).items()]
            one = await watch_in_mesh(client, scene.name, films)
            results.append(one)
            lines.tell(
                f"{scene.name}: IDF1 {one.score.idf1:.3f}, switches {one.score.switches}, "
                f"{one.person_ids} persons for {one.people} people"
            )
    return results
