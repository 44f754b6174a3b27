"""Pictures of the evaluation, drawn with OpenCV: F1 by label, and which repetitions of a clip were flagged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter_cli.fault_evaluation.clips import Repetition, SeenClip
from spotter_cli.fault_evaluation.scoring import Row, ScoredSet

Bgr = NDArray[np.uint8]
Point = tuple[int, int]
WHITE: Final = (255, 255, 255)
INK, GREY, PALE = (60, 50, 45), (150, 140, 135), (232, 228, 225)
BLUE, ORANGE, RED, GREEN = (182, 111, 59), (41, 123, 217), (60, 60, 200), (90, 150, 70)
FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
LINE_PX, LEFT_PX, WIDTH_PX, MARGIN_PX = 30, 400, 1150, 70


def draw_f1(sets: Sequence[ScoredSet], path: Path) -> None:
    """Bars of our F1 with its 95 % interval; marks for what other rules would reach, and what authors report."""
    rows = [(one, row) for one in sets for row in one.rows if row.test.labelled]
    canvas = _canvas(len(rows))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _line(canvas, (_across(share), MARGIN_PX - 12), (_across(share), len(canvas) - 8), PALE)
        _text(canvas, f"{share:g}", (_across(share) - 8, MARGIN_PX - 18), GREY)
    legend = (("F1 of the product, 95 % interval", BLUE), ("our metric, cut on train", ORANGE))
    for number, (told, colour) in enumerate((*legend, ("regression of train", GREEN), ("authors", RED))):
        place = (LEFT_PX + (0, 270, 480, 660)[number], 26)
        cv2.circle(canvas, (place[0] - 10, place[1] - 5), 5, colour, -1, cv2.LINE_AA)
        _text(canvas, told, place, INK)
    for index, (one, row) in enumerate(rows):
        _f1_row(canvas, one, row, MARGIN_PX + LINE_PX * index + LINE_PX // 2)
    _save(canvas, path)


def draw_clips(clips: Sequence[SeenClip], path: Path) -> None:
    """A line for each marked clip: the marked time shaded, its repetitions red where flagged."""
    marked = [one for one in clips if one.mark is not None]
    canvas = _canvas(len(marked))
    legend = (("flagged with the marked fault", RED), ("with another one", ORANGE), ("not flagged", GREEN))
    for number, (told, colour) in enumerate(legend):
        cv2.circle(canvas, (LEFT_PX + 260 * number - 10, 21), 5, colour, -1, cv2.LINE_AA)
        _text(canvas, told, (LEFT_PX + 260 * number, 26), INK)
    for index, one in enumerate(marked):
        _clip_row(canvas, one, MARGIN_PX + LINE_PX * index + LINE_PX // 2)
    _save(canvas, path)


def _f1_row(canvas: Bgr, one: ScoredSet, row: Row, y: int) -> None:
    _text(canvas, f"{one.labelled.name}: {row.label.name}"[:52], (10, y + 5), INK)
    if row.judged:
        _line(canvas, (_across(0), y), (_across(row.test.f1 or 0.0), y), BLUE, 12)
    else:
        _text(canvas, "not judged", (_across(0) + 6, y + 5), GREY)
    if row.judged and row.f1_interval is not None:
        low, high = (_across(value) for value in row.f1_interval)
        _line(canvas, (low, y), (high, y), INK)
        for x in (low, high):
            _line(canvas, (x, y - 4), (x, y + 4), INK)
    fitted = row.limits.fitted[1] if row.limits.fitted else None
    for value, colour in ((fitted, ORANGE), (row.limits.regression, GREEN), (row.label.reported_f1, RED)):
        if value is not None:
            cv2.circle(canvas, (_across(value), y), 5, colour, -1, cv2.LINE_AA)


def _clip_row(canvas: Bgr, one: SeenClip, y: int) -> None:
    mark = one.mark
    assert mark is not None
    last_s = max([rep.end_s for rep in one.repetitions], default=1.0)
    _text(canvas, f"{one.clip.name} ({one.source})"[:54], (10, y + 5), INK)
    shaded = (_across(mark.from_s / last_s), _across(min(mark.until_s / last_s, 1.0)))
    cv2.rectangle(canvas, (shaded[0], y - 12), (shaded[1], y + 12), PALE, -1)
    for rep in one.repetitions:
        place = (_across((rep.start_s + rep.end_s) / 2 / last_s), y)
        cv2.circle(canvas, place, 7, _colour(one, rep), -1, cv2.LINE_AA)
    _text(canvas, f"{last_s:.0f} s", (WIDTH_PX - 60, y + 5), GREY)


def _colour(one: SeenClip, rep: Repetition) -> tuple[int, int, int]:
    if one.mark is not None and one.mark.finds(rep):
        return RED
    return ORANGE if rep.faults else GREEN


def _canvas(rows: int) -> Bgr:
    return np.full((MARGIN_PX + LINE_PX * rows + 20, WIDTH_PX, 3), 255, dtype=np.uint8)


def _across(share: float) -> int:
    return LEFT_PX + round(share * (WIDTH_PX - LEFT_PX - MARGIN_PX))


def _line(canvas: Bgr, begin: Point, end: Point, colour: tuple[int, int, int], thickness: int = 1) -> None:
    cv2.line(canvas, begin, end, colour, thickness, cv2.LINE_AA)


def _text(canvas: Bgr, text: str, place: Point, colour: tuple[int, int, int]) -> None:
    cv2.putText(canvas, text, place, FONT, 0.42, colour, 1, cv2.LINE_AA)


def _save(canvas: Bgr, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), canvas):
        raise OSError(f"{path} can't be written.")
