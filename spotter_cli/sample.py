"""The sample gym on this machine, and how what was found compares with what is true about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mesh.launcher import LauncherSettings
from mesh.settings import load
from spotter_cli.scene import PersonTruth, SampleGym, render_sample
from spotter_cli.summary import Json


@dataclass(frozen=True)
class Match:
    """One true person and the person found for it."""

    truth: PersonTruth
    exercise: str
    """What was found; empty where nobody was."""
    reps: int
    faults: dict[str, int]

    @property
    def equal(self) -> bool:
        """Exercise, repetitions and faults are those of the truth."""
        truth = (self.truth.exercise, self.truth.reps, self.truth.faults)
        return (self.exercise, self.reps, self.faults) == truth


def sample_dir() -> Path:
    """Where the sample is kept."""
    return load(LauncherSettings).home.absolute() / "sample"


def prepare_sample(console: Console, folder: Path) -> SampleGym:
    """The sample in a folder; drawn with a progress bar where it isn't there."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("the sample gym", total=1.0)
        return render_sample(folder, lambda share, what: progress.update(task, completed=share, description=what))


def compare(truth: Sequence[PersonTruth], found: Json) -> list[Match]:
    """For each true person the found one that fits best: same exercise first, then the nearest count."""
    left = [_total(person) for person in found["people"]]
    chosen: dict[int, tuple[str, int, dict[str, int]]] = {}
    for same_exercise in (True, False):
        for index, person in enumerate(truth):
            fitting = [one for one in left if not same_exercise or one[0] == person.exercise]
            if index not in chosen and fitting:
                chosen[index] = min(fitting, key=lambda one: abs(one[1] - person.reps))
                left.remove(chosen[index])
    return [Match(person, *chosen.get(index, ("", 0, {}))) for index, person in enumerate(truth)]


def print_comparison(console: Console, matches: Sequence[Match], people: int) -> None:
    """One line a person of the truth, and one about the number of people."""
    for match in matches:
        sign = "[green]=[/green]" if match.equal else "[red]≠[/red]"
        truth = _words(match.truth.exercise, match.truth.reps, match.truth.faults)
        console.print(f"{sign} true: {truth}; found: {_words(match.exercise, match.reps, match.faults)}")
    if people != len(matches):
        console.print(f"[red]≠[/red] true: {len(matches)} people; found: {people} who exercised")


def _total(person: Json) -> tuple[str, int, dict[str, int]]:
    """All sets of a person: the exercise with the most repetitions, and the sums."""
    reps: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for one in person["sets"]:
        reps[one["exercise"]] += one["reps"]
        faults.update(one["faults"])
    return (reps.most_common(1)[0][0] if reps else "", reps.total(), dict(faults))


def _words(exercise: str, reps: int, faults: dict[str, int]) -> str:
    if not exercise:
        return "nobody"
    listed = "".join(f", {name.replace('_', ' ')} {count}×" for name, count in sorted(faults.items()))
    return f"{reps} × {exercise.replace('_', ' ')}{listed}"
