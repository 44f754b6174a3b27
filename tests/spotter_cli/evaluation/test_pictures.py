from __future__ import annotations

from pathlib import Path

import pytest

from spotter_cli.evaluation.clip_run import Curve, Seen
from spotter_cli.evaluation.manifest import Clip
from spotter_cli.evaluation.pictures import draw
from spotter_cli.evaluation.scoring import Found, score


def test_a_picture_is_drawn_even_where_nothing_was_seen(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    clip = Clip("a.mp4", tmp_path / "a.mp4", "squat", 2, (2,))
    for name, curve, ends_s in (
        ("empty", Curve([], []), []),
        ("full", Curve([0.0, 1.0, 2.0], [0.0, 1.0, 0.0]), [1.8]),
    ):
        found = Found("squat", len(ends_s))
        path = tmp_path / "clips" / f"{name}.png"
        draw(Seen(clip, found, curve, ends_s, 3), score(clip, found, {}), path)
        assert path.read_bytes().startswith(b"\x89PNG")
