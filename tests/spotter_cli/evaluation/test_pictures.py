from __future__ import annotations

from pathlib import Path

import pytest

from spotter_cli.evaluation.clip_run import Curve, Seen
from spotter_cli.evaluation.pictures import draw, draw_confusion, draw_wrong
from spotter_cli.evaluation.reasons import reason_of
from spotter_cli.evaluation.scoring import choose, score
from tests.spotter_cli.evaluation.done import clip, one_set

PNG = b"\x89PNG"


def seen(curve: Curve, reps: int) -> Seen:
    return Seen(clip("squat", 2, span_s=(0.0, 3.0)), choose([one_set("p", "squat", reps)]), curve, 3)


def test_a_picture_is_drawn_even_where_nothing_was_seen(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    for name, curve, reps in (("empty", Curve([], []), 0), ("full", Curve([0.0, 1.0, 2.0], [0.0, 1.0, 0.0]), 1)):
        one = seen(curve, reps)
        scored = score(one.clip, one.found, {})
        for draw_it in (draw, lambda *of: draw_wrong(of[0], of[1], reason_of(of[1]), of[2])):
            path = tmp_path / "clips" / f"{name}.png"
            draw_it(one, scored, path)
            assert path.read_bytes().startswith(PNG)
            path.unlink()


def test_the_confusion_matrix_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    one = seen(Curve([], []), 1)
    draw_confusion([score(one.clip, one.found, {})], tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(PNG)
