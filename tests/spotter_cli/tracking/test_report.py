"""The report says what was measured, in tables that are tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spotter_cli.scene import Sight
from spotter_cli.tracking.clips import ClipCount, CrowdClip, load_clips
from spotter_cli.tracking.evaluation import SPOTTER, FilmResult, Judged
from spotter_cli.tracking.films import Film
from spotter_cli.tracking.mesh_run import MeshResult
from spotter_cli.tracking.mistakes import Mistakes, find_mistakes
from spotter_cli.tracking.report import Report, as_json, as_markdown
from spotter_cli.tracking.scoring import Score
from spotter_cli.tracking.tracks import Tracks

SCORE = Score(0.75, 0.9, 0.625, 0.8, 0.85, 3, 12, 4)


@pytest.fixture
def report(film: Film, sight: Sight, perfect: Tracks) -> Report:
    judged = Judged(perfect, SCORE, find_mistakes(sight, perfect), 2)
    worse = replace(judged, score=replace(SCORE, hota=0.25), ids=5)
    films = [
        FilmResult(film, 2, sight, {SPOTTER: judged, "other": worse}),
        FilmResult(film, 2, sight, {SPOTTER: worse, "other": worse}),
    ]
    clip = CrowdClip(Path("track_two.mp4"), 2)
    meshed = MeshResult("crossing", 2, 3, 80, SCORE, Mistakes(reflected_ids={4}), 4)
    return Report("yolo11", films, [(clip, {SPOTTER: ClipCount(3, 0.5)})], [meshed])


def test_every_row_of_a_table_has_the_columns_of_its_head(report: Report) -> None:
    blocks = [block for block in as_markdown(report).split("\n\n") if block.startswith("|")]
    assert len(blocks) == 4
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_means_are_over_films_and_counts_are_sums(report: Report) -> None:
    row = next(line for line in as_markdown(report).splitlines() if line.startswith(f"| {SPOTTER} |"))
    cells = [cell.strip() for cell in row.split("|")[2:]]
    assert cells[0] == "0.500"
    assert cells[5:7] == ["6", "7 for 4 people"]


def test_the_json_holds_all_measures(report: Report) -> None:
    whole = as_json(report)
    assert whole["finder"] == "yolo11"
    assert whole["films"][0]["trackers"][SPOTTER]["idf1"] == 0.8
    assert whole["clips"][0]["trackers"][SPOTTER] == {"ids": 3, "right_frames": 0.5}
    assert whole["mesh"][0]["persons"] == 4
    assert whole["mesh"][0]["reflected_persons"] == 1


def test_clips_of_crowds_are_taken_from_the_manifest(tmp_path: Path) -> None:
    manifest = tmp_path / "MANIFEST.json"
    manifest.write_text(
        '{"files": [{"kind": "video", "file": "videos/track_two.mp4", "people": 2},'
        ' {"kind": "video", "file": "videos/squat.mp4", "exercise": "squat", "reps": 3},'
        ' {"kind": "image", "file": "a.jpg"}]}'
    )
    assert load_clips(manifest) == [CrowdClip(tmp_path / "videos/track_two.mp4", 2)]
