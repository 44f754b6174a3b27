"""One row for each label of each set: how the product's findings agree, and what limits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spotter_cli.fault_evaluation.bounds import Table, Threshold, best_single, best_threshold, regression_f1
from spotter_cli.fault_evaluation.examples import Example, Label, LabelledSet, Part
from spotter_cli.fault_evaluation.judging import Verdict, judge
from spotter_cli.fault_evaluation.measures import Counts, Interval, count, f1_interval, f1_of
from svc_motion.library import Fault, Library


@dataclass(frozen=True)
class Limits:
    """F1 on the test part that other rules would reach; None where they can't be fitted."""

    fitted: tuple[Threshold, float] | None
    """Our metric, cut where it is best on the training part."""
    best: tuple[Threshold, float] | None
    """Our metric, cut where it is best on the test part itself: no threshold does better."""
    single: tuple[Threshold, float] | None
    """Of all our metrics the best one, chosen and cut on the training part."""
    regression: float | None
    """All our metrics together, fitted on the training part."""
    oracle: tuple[Threshold, float] | None
    """Of all our metrics the best one, chosen and cut on the test part itself."""


@dataclass(frozen=True)
class Row:
    """A label and how it was found."""

    label: Label
    faults: tuple[str, ...]
    """Of the label's faults, those that the exercise has."""
    train: Counts
    test: Counts
    test_frames: Counts
    """The same, by labelled frame: what an author who judges frames counts."""
    f1_interval: Interval | None
    not_judged: int
    """Test items in which no fault of this label could be judged."""
    limits: Limits

    @property
    def judged(self) -> bool:
        """Whether the product claims to find this label in at least one test item."""
        return bool(self.faults) and self.not_judged < sum(
            (self.test.hits, self.test.false_alarms, self.test.misses, self.test.quiet)
        )


@dataclass(frozen=True)
class ScoredSet:
    """A set and its rows."""

    labelled: LabelledSet
    rows: Sequence[Row]
    other_findings: Mapping[str, int]
    """Test items in which something else was found than the labels speak of."""
    test_items: int


def score(labelled: LabelledSet, library: Library, tell: Callable[[str], None]) -> ScoredSet:
    """Judge all examples of a set."""
    verdicts = {id(one): judge(one, library) for one in labelled.examples}
    rows = [_row(labelled, label, library, verdicts) for label in labelled.labels]
    for row in rows:
        tell(f"{labelled.name}: {row.label.name}: {_told(row)}")
    tested = [one for one in labelled.examples if one.part is Part.TEST]
    return ScoredSet(labelled, rows, _other_findings(labelled, tested, verdicts), len(tested))


def _told(row: Row) -> str:
    test = row.test
    if not row.judged:
        return "can't be judged here" if row.faults else "no such fault here"
    alarms = f"{test.false_alarms} false alarms in {test.false_alarms + test.quiet}"
    return f"F1 {test.f1:.2f}, {test.hits} of {test.labelled} found, {alarms}" if test.f1 is not None else alarms


def _row(labelled: LabelledSet, label: Label, library: Library, verdicts: Mapping[int, Verdict]) -> Row:
    train, test = labelled.of(label, Part.TRAIN), labelled.of(label, Part.TEST)
    faults = [fault for fault in library[label.exercise].faults if fault.name in label.faults]
    said = {part: [verdicts[id(one)].finds(label) for one in items] for part, items in _parts(train, test)}
    true = {part: [label.name in one.labels for one in items] for part, items in _parts(train, test)}
    tables = [_table(items, label, verdicts) for items in (train, test)]
    return Row(
        label,
        tuple(dict.fromkeys(fault.name for fault in faults)),
        count(said[Part.TRAIN], true[Part.TRAIN]),
        count(said[Part.TEST], true[Part.TEST]),
        count(said[Part.TEST], true[Part.TEST], [one.frames for one in test]),
        f1_interval(said[Part.TEST], true[Part.TEST]),
        sum(not verdicts[id(one)].judges(label) for one in test),
        _limits(faults, *tables),
    )


def _parts(train: list[Example], test: list[Example]) -> tuple[tuple[Part, list[Example]], ...]:
    return (Part.TRAIN, train), (Part.TEST, test)


def _table(items: Sequence[Example], label: Label, verdicts: Mapping[int, Verdict]) -> Table:
    metrics = [verdicts[id(one)].metrics for one in items]
    names = sorted({name for one in verdicts.values() for name in one.metrics})
    return Table.of(metrics, [label.name in one.labels for one in items], names)


def _limits(faults: Sequence[Fault], train: Table, test: Table) -> Limits:
    usable = [fault for fault in faults if fault.metric in train.names]
    fitted = [_fitted(fault, train, test) for fault in usable]
    best = [best_threshold(test, fault.metric, fault.above is not None) for fault in usable]
    single = best_single(train)
    return Limits(
        max((one for one in fitted if one), key=lambda one: one[1], default=None),
        max((one for one in best if one), key=lambda one: one[1], default=None),
        (single[0], f1_of(single[0].shows(test.column(single[0].metric)), test.labelled)) if single else None,
        regression_f1(train, test),
        best_single(test),
    )


def _fitted(fault: Fault, train: Table, test: Table) -> tuple[Threshold, float] | None:
    found = best_threshold(train, fault.metric, fault.above is not None)
    return (found[0], f1_of(found[0].shows(test.column(fault.metric)), test.labelled)) if found else None


def _other_findings(
    labelled: LabelledSet, tested: Sequence[Example], verdicts: Mapping[int, Verdict]
) -> dict[str, int]:
    spoken_of = {fault for label in labelled.labels for fault in label.faults}
    found = [name for one in tested for name in verdicts[id(one)].found - spoken_of]
    return {name: found.count(name) for name in sorted(set(found))}
