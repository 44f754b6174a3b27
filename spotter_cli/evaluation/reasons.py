"""What is wrong with a clip, in a sentence, and the moments of the film that show it."""

from __future__ import annotations

from dataclasses import dataclass

from spotter_cli.evaluation.manifest import NOTHING
from spotter_cli.evaluation.scoring import Scored, outside_span

MARK_TOLERANCE_S = 0.6
"""A turning point that somebody noted belongs to a repetition that lies this near."""


@dataclass(frozen=True)
class Reason:
    """Why a clip is wrong."""

    sentences: tuple[str, ...]
    moments_s: tuple[float, ...]
    """What to look at, seconds since the first frame."""


def reason_of(scored: Scored, seen_share: float | None = None) -> Reason:
    """What differs from the truth. `seen_share`: of the clip's time in which the person's joints were seen."""
    sentences: list[str] = []
    moments_s: list[float] = []
    if scored.problem:
        sentences.append(f"The clip wasn't seen whole: {scored.problem}.")
    if scored.found.exercise == NOTHING and scored.clip.exercise != NOTHING:
        sentences.append(_nothing_found(seen_share))
    elif scored.true_family != scored.found_family:
        sentences.append(f"Taken for {scored.found.exercise}: {_sets_told(scored)}.")
    missed_s, extra = matched(scored)
    beyond = outside_span(scored.clip, scored.found.sets)
    if missed_s and scored.found.exercise != NOTHING and scored.error < 0:
        sentences.append("Not counted: the repetitions at " + ", ".join(f"{mark:.1f} s" for mark in missed_s) + ".")
        moments_s += missed_s
    inner = [one for one in extra if one not in beyond]
    if inner and scored.error > 0:
        sentences.append("Counted without a repetition there: " + _spans(inner) + ".")
        moments_s += [end_s for _, end_s in inner]
    if beyond:
        where = "Nobody exercises, and yet counted" if scored.clip.exercise == NOTHING else "Counted outside the span"
        sentences.append(f"{where}: {_spans(beyond)}.")
        moments_s += [end_s for _, end_s in beyond]
    if scored.hold_right is False and scored.true_hold_s is not None:
        sentences.append(f"Held {scored.found.held_s:.1f} s, in truth {scored.true_hold_s:.1f} s.")
    if scored.error and not moments_s and scored.found.exercise != NOTHING:
        sentences.append(f"The count differs by {scored.error:+d}.")
    return Reason(tuple(sentences), tuple(sorted(moments_s)))


def matched(scored: Scored) -> tuple[list[float], list[tuple[float, float]]]:
    """Noted turning points without a counted repetition, and counted ones without a noted point.

    Each point takes the nearest repetition that is left, in the order of time. Empty where nobody noted points.
    """
    left = [repetition for one in scored.found.own_sets for repetition in one.repetitions]
    if not scored.clip.marks_s:
        return [], []
    missed_s: list[float] = []
    for mark_s in scored.clip.marks_s:
        near = [one for one in left if one[0] - MARK_TOLERANCE_S <= mark_s <= one[1] + MARK_TOLERANCE_S]
        if near:
            left.remove(min(near, key=lambda one: abs((one[0] + one[1]) / 2 - mark_s)))
        else:
            missed_s.append(mark_s)
    return missed_s, left


def _nothing_found(seen_share: float | None) -> str:
    if seen_share is None:
        return "No set was opened."
    if seen_share < 0.05:
        return "No set was opened: nobody's joints were seen."
    return f"No set was opened: joints were seen {100 * seen_share:.0f} % of the time, but no exercise was believed."


def _sets_told(scored: Scored) -> str:
    return ", ".join(
        f"{len(done.repetitions)} of {done.exercise} at {done.start_s:.1f}–{done.end_s:.1f} s"
        for done in scored.found.own_sets
    )


def _spans(repetitions: list[tuple[float, float]]) -> str:
    return ", ".join(f"{start_s:.1f}–{end_s:.1f} s" for start_s, end_s in repetitions)
