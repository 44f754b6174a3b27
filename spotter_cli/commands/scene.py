"""`spotter scene`: draws the sample gym."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from spotter_cli.sample import prepare_sample, sample_dir


def scene(*, out: Path | None = None) -> int:
    """Draw the sample gym: a film of people who exercise, and beside it a JSON file that says what is true.

    Parameters
    ----------
    out
        Folder for both; the one that `spotter demo` uses where none is named.
    """
    console = Console(highlight=False)
    sample = prepare_sample(console, out or sample_dir())
    console.print(f"{sample.video}: {sample.frames} frames, {sample.duration_s:.1f} s", soft_wrap=True)
    for person in sample.people:
        faults = "".join(f", {name} {count} times" for name, count in person.faults.items())
        console.print(f"  {person.exercise}: {person.reps} repetitions{faults}")
    return 0
