from __future__ import annotations

import numpy as np
import pytest

from spotter_cli.fault_evaluation.bounds import Table, Threshold, best_single, best_threshold, regression_f1
from spotter_cli.fault_evaluation.measures import Counts, count, f1_interval, wilson


def test_findings_are_compared_item_by_item() -> None:
    counts = count([True, True, False, False, True], [True, False, True, False, True])
    assert counts == Counts(hits=2, false_alarms=1, misses=1, quiet=1)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == pytest.approx(2 / 3)
    assert counts.f1 == pytest.approx(2 / 3)


def test_an_item_counts_as_the_frames_it_stands_for() -> None:
    assert count([True, False], [True, True], [30, 10]) == Counts(30, 0, 10, 0)


def test_what_can_not_be_measured_is_none() -> None:
    nothing_found = count([False, False], [True, False])
    assert (nothing_found.precision, nothing_found.recall, nothing_found.f1) == (None, 0.0, 0.0)
    nothing_labelled = count([True, False], [False, False])
    assert (nothing_labelled.precision, nothing_labelled.recall, nothing_labelled.f1) == (0.0, None, None)
    assert f1_interval([True], [False]) is None


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_intervals_of_a_share_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_nothing_has_no_interval() -> None:
    assert wilson(0, 0) is None


def test_the_interval_of_f1_holds_f1_and_shrinks_with_more_items() -> None:
    found, labelled = [True, True, False, False], [True, False, True, False]
    few, many = f1_interval(found * 5, labelled * 5), f1_interval(found * 100, labelled * 100)
    assert few is not None and many is not None
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert f1_interval(found * 5, labelled * 5) == few


def table(values: list[float], labelled: list[bool]) -> Table:
    return Table.of([{"knee_min_deg": value} for value in values], labelled, ["knee_min_deg"])


def test_the_best_threshold_lies_between_the_kinds() -> None:
    found = best_threshold(table([60, 70, 100, 110], [False, False, True, True]), "knee_min_deg")
    assert found == (Threshold("knee_min_deg", 85.0, above=True), 1.0)


def test_a_threshold_keeps_to_the_side_it_is_told() -> None:
    below = best_threshold(table([60, 70, 100, 110], [False, False, True, True]), "knee_min_deg", above=False)
    assert below is not None
    assert not below[0].above
    assert below[1] < 1


def test_what_was_not_measured_is_never_past_a_threshold() -> None:
    shown = Threshold("knee_min_deg", 85.0, above=False).shows(np.array([np.nan, 60.0, 100.0]))
    assert list(shown) == [False, True, False]


def test_without_values_or_labels_there_is_no_threshold() -> None:
    assert best_threshold(table([60, 60], [True, False]), "knee_min_deg") is None
    assert best_threshold(table([60, 70], [False, False]), "knee_min_deg") is None
    assert best_single(table([60, 70], [False, False])) is None


def blobs(count: int, seed: int) -> Table:
    """Two metrics, of which only the sum tells the kinds apart; the third one is unknown for most."""
    random = np.random.default_rng(seed)
    labelled = random.random(count) < 0.5
    first = random.normal(0, 3, count)
    second = np.where(labelled, 1.5, -1.5) - first + random.normal(0, 0.3, count)
    metrics = [{"a": float(a), "b": float(b)} for a, b in zip(first, second, strict=True)]
    return Table.of(metrics, list(labelled), ["a", "b", "c"])


def test_regression_joins_metrics_that_alone_tell_little() -> None:
    train, test = blobs(120, 1), blobs(120, 2)
    single = best_single(train)
    assert single is not None and single[1] < 0.8
    together = regression_f1(train, test)
    assert together is not None and together > 0.95


def test_regression_needs_both_kinds() -> None:
    assert regression_f1(table([60, 70], [True, True]), table([60, 70], [True, False])) is None
