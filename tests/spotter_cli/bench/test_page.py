"""The page about performance: written from results, honest about what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from spotter_cli.bench import page
from spotter_cli.bench.memory import growth_per_hour
from spotter_cli.bench.results import SECTIONS, Result, load_all, save
from spotter_cli.summary import Json

PARTS = {"vision": 14.0, "motion": 2.0, "ingest": 0.5}


def way(pose_model: str, precision: str, bare_ms: float, mesh_ms: float) -> Json:
    return {
        "pose_model": pose_model,
        "precision": precision,
        "bare_ms": bare_ms,
        "decode_ms": 1.5,
        "bare_people": 2.0,
        "mesh_ms": mesh_ms,
        "parts_ms": PARTS,
        "efficiency": bare_ms / mesh_ms,
        "frames_per_s": 40.0,
        "people_right": 2,
        "faults_right": 1,
        "people_true": 2,
    }


def trial(cameras: int, scheduled: bool, holds: bool) -> Json:
    return {
        "cameras": cameras,
        "busy": 1,
        "scheduled": scheduled,
        "repetitions": [[8, 8]],
        "phantoms": 0,
        "latency_ms": {"p50": 60.0, "p99": 140.0},
        "looked_share": 0.99,
        "cores": 0.4 * cameras,
        "holds": holds,
    }


DATA: dict[str, Json] = {
    "tax": {"film": "sample", "ways": [way("blazepose", "f32", 15, 20), way("yolo11", "bf16", 17, 20)]},
    "ultralytics": {
        "cpu_ms_per_frame": 80.0,
        "mean_people": 2.0,
        "tracks": 2,
        "versions": {"torch": "2"},
    },
    "executors": {
        "pose_model": "yolo11",
        "frames": 100,
        "missing": {"Triton": "no server here"},
        "rows": [
            {"executor": "local f32", "wall_ms": 27.0, "cpu_ms": 26.5, "people": 200, "same_people": 200},
            {"executor": "local bf16", "wall_ms": 15.0, "cpu_ms": 15.1, "people": 200, "same_people": 199},
        ],
    },
    "cameras": {
        "pose_model": "auto",
        "cores": 2,
        "cameras": 12,
        "cameras_unscheduled": 4,
        "ratio": 3.0,
        "scheduled": [trial(12, True, True), trial(4, True, True), trial(15, True, False)],
        "unscheduled": [trial(4, False, True)],
    },
    "memory": {
        "cameras": 6,
        "idle_mib": {"vision": 100.0, "motion": 60.0},
        "one_mib": {"vision": 150.0, "motion": 70.0},
        "six_mib": {"vision": 200.0, "motion": 80.0},
        "last_mib": {"vision": 202.0, "motion": 300.0},
        "lasted_s": 600.0,
        "growth_mib_per_hour": {"vision": 10.0, "motion": 900.0},
        "samples": [[0.0, {"vision": 200.0, "motion": 80.0}], [600.0, {"vision": 202.0, "motion": 300.0}]],
    },
}


@pytest.fixture
def results(tmp_path: Path) -> dict[str, Result]:
    for section, data in DATA.items():
        save(tmp_path / "out", section, data, quick=False)
    return load_all(tmp_path / "out")


def test_the_page_tells_every_section_with_its_chart(results: dict[str, Result], tmp_path: Path) -> None:
    page.write(results, tmp_path)
    text = (tmp_path / "performance.md").read_text()
    for told in ("**0.85**", "**0.75**", "**0.25**", "**12 cameras** scheduled, 4 with", "no server here", "p99 ms"):
        assert told in text
    for section in ("tax", "executors", "cameras", "memory"):
        assert (tmp_path / "images" / f"performance-{section}.png").stat().st_size > 5000
        assert f"images/performance-{section}.png" in text


def test_ratios_say_whether_the_aim_is_reached(results: dict[str, Result]) -> None:
    rows = {line.split("|")[1].strip(): line for line in page.summary(results).splitlines()}
    assert rows["mesh tax: bare loop / mesh, yolo11 bf16"].endswith("reached |")
    assert rows["mesh tax: bare loop / mesh, blazepose f32"].endswith("missed |")
    assert rows["whole mesh / Ultralytics `track()`, bf16"].endswith("reached |")
    assert rows["scheduled / every frame"].endswith("reached |")


def test_what_was_not_measured_is_said_with_its_reason(tmp_path: Path) -> None:
    save(tmp_path, "ultralytics", {"unavailable": "no environment"}, quick=False)
    save(tmp_path, "tax", DATA["tax"], quick=True)
    text = page.text(load_all(tmp_path), {})
    assert "Not measured here: no environment." in text
    assert 'make bench ARGS="--only cameras"' in text
    assert "tax: measured with `--quick`" in text


def test_a_page_without_any_result_can_be_written(tmp_path: Path) -> None:
    page.write({}, tmp_path)
    assert (tmp_path / "performance.md").read_text().count("Not measured: ") == len(SECTIONS)


def test_growth_forgives_a_peak_and_sees_a_leak() -> None:
    flat = [(60.0 * minute, {"motion": 80.0 + 30.0 * (minute == 8)}) for minute in range(11)]
    leak = [(60.0 * minute, {"motion": 80.0 + 2.0 * minute}) for minute in range(11)]
    assert growth_per_hour(flat, "motion") == 0.0
    assert growth_per_hour(leak, "motion") == pytest.approx(120.0)


def test_a_part_that_grows_is_named(results: dict[str, Result]) -> None:
    assert "Growing: motion." in page.text(results, {})
