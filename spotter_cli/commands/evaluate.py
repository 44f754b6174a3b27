"""`spotter evaluate`: labelled clips through the real mesh, and how near its counts are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from spotter_cli.access import reach_mesh
from spotter_cli.evaluation import pictures, report
from spotter_cli.evaluation.clip_run import Seen, run_clips
from spotter_cli.evaluation.manifest import Clip, ManifestError, load_manifest
from spotter_cli.evaluation.reasons import reason_of
from spotter_cli.evaluation.scoring import (
    Scored,
    counting,
    holds,
    label_accuracy,
    phantom_reps,
    reps_outside_spans,
    score,
    with_many_reps,
)
from spotter_cli.live_client import LiveClient
from spotter_cli.session import run, write_json
from spotter_cli.terminal import Lines


def evaluate(manifest: Path, *, out: Path) -> int:
    """Run labelled clips through the whole mesh, and compare counts and labels with the truth.

    Parameters
    ----------
    manifest
        JSON file that lists clips: entries of kind "video" with file, exercise, reps and, where several counts are
        right, reps_accepted.
    out
        Folder for report.json, report.md, confusion.png, a picture a clip and one with frames of each wrong clip.
    """
    console = Console(highlight=False)
    try:
        clips = load_manifest(manifest)
        pictures.require_matplotlib()
    except (ManifestError, pictures.MissingMatplotlib) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
    return run(console, lambda: _evaluate(console, clips, out))


async def _evaluate(console: Console, clips: Sequence[Clip], out: Path) -> int:
    lines = Lines(console)
    scored: dict[str, Scored] = {}
    reasons: dict[str, tuple[str, ...]] = {}
    async with (
        reach_mesh(lambda part, what: lines.tell(f"{part}: {what}")) as access,
        LiveClient.connected(access) as client,
    ):
        families = {exercise.name: exercise.family for exercise in await client.exercises()}
        async for seen in run_clips(client, clips):
            one = scored[seen.clip.file] = score(seen.clip, seen.found, families, seen.problem)
            lines.tell(f"{len(scored):3d}/{len(clips)}  {_line(one)}")
            reasons[seen.clip.file] = await asyncio.to_thread(_draw, seen, one, out)
    in_order = [scored[clip.file] for clip in clips]
    write_json(out / "report.json", report.as_json(in_order))
    (out / "report.md").write_text(report.as_markdown(in_order, reasons), encoding="utf-8")
    pictures.draw_confusion(in_order, out / "confusion.png")
    many = counting(with_many_reps(in_order))
    console.print(
        f"Clips with many repetitions: {many.clips}, OBO {_number(many.obo)}, MAE {_number(many.mae)}, "
        f"exact {_number(many.exact)}"
    )
    console.print(
        f"Repetitions where nobody exercises: {phantom_reps(in_order)}; "
        f"before or after a labelled span: {reps_outside_spans(in_order)}; "
        f"holds right: {sum(bool(one.hold_right) for one in holds(in_order))} of {len(holds(in_order))}"
    )
    console.print(f"Label accuracy: {_number(label_accuracy(in_order))}. Report: {out / 'report.md'}", soft_wrap=True)
    return 0


def _draw(seen: Seen, scored: Scored, out: Path) -> tuple[str, ...]:
    """Draws a clip, and once more with its frames where something is wrong with it; says what."""
    picture = f"{seen.clip.name}.png"
    pictures.draw(seen, scored, out / "clips" / picture)
    wrong = out / "wrong" / picture
    if not scored.wrong:
        wrong.unlink(missing_ok=True)  # of an earlier run
        return ()
    reason = reason_of(scored, seen.curve.seen_share)
    pictures.draw_wrong(seen, scored, reason, wrong)
    return reason.sentences


def _line(one: Scored) -> str:
    truth = f"{one.clip.exercise} {'/'.join(map(str, one.clip.accepted))}"
    remark = f"  ({one.problem})" if one.problem else ""
    return f"{one.clip.name}: true {truth}, found {one.found.exercise} {one.found.reps}, {one.error:+d}{remark}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
