"""`spotter scene`: draws the sample gym, or the scenes in which tracking is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from spotter_cli.sample import prepare_sample, sample_dir


def scene(*names: str, out: Path | None = None, width_px: int = 1280) -> int:
    """Draw the sample gym: a film of people who exercise, and beside it a JSON file that says what is true.

    Parameters
    ----------
    names
        Scenes of docs/tracking.md to draw instead.
    out
        Folder for the files; the one that `spotter demo` uses, or that of the scenes, where none is named.
    width_px
        Of the films of scenes.
    """
    console = Console(highlight=False)
    if names:
        return _scenes(console, names, out, width_px)
    sample = prepare_sample(console, out or sample_dir())
    console.print(f"{sample.video}: {sample.frames} frames, {sample.duration_s:.1f} s", soft_wrap=True)
    for person in sample.people:
        faults = "".join(f", {name} {count} times" for name, count in person.faults.items())
        console.print(f"  {person.exercise}: {person.reps} repetitions{faults}")
    return 0


def _scenes(console: Console, names: Sequence[str], out: Path | None, width_px: int) -> int:
    from spotter_cli.tracking.films import cache_dir, prepare_film
    from spotter_cli.tracking.scenes import SCENES

    unknown = sorted(set(names) - set(SCENES))
    if unknown:
        console.print(f"There is no scene {', '.join(unknown)}; there are {', '.join(SCENES)}.", style="red")
        return 1
    for name in names:
        console.print(f"{name}: {SCENES[name].about}")
        for film_name, spec in SCENES[name].films(width_px).items():
            with console.status(f"drawing {film_name}"):
                film = prepare_film(film_name, spec, out or cache_dir())
            console.print(f"  {film.video}: {spec.frame_count} frames", soft_wrap=True)
    return 0
