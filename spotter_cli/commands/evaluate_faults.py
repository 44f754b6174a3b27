"""`spotter evaluate-faults`: labelled sets of exercise form, and how well our faults agree with their labels."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from spotter_cli.evaluation.manifest import ManifestError


def evaluate_faults(*sets: str, shared: Path = Path("../shared"), out: Path = Path("out/fault-evaluation")) -> int:
    """Judge labelled repetitions with the product's form analysis, and compare with what people said of them.

    Parameters
    ----------
    sets
        Names of sets: exercise-correction, wafi-incorrect, squat-form-evaluation, pose-trainer, clips; all of them
        where none is named. And drawn: films of exercises that those don't show, drawn and watched, which takes a
        quarter of an hour. See docs/form-evaluation.md.
    shared
        Folder with datasets/, keypoints/ and MANIFEST.json.
    out
        Folder for report.json, report.md and charts.
    """
    console = Console(highlight=False)
    from spotter_cli.fault_evaluation.command import Wishes, run
    from spotter_cli.fault_evaluation.examples import LabelledSetError

    try:
        return run(console, Wishes(shared, sets, out))
    except (StartupError, LabelledSetError, ManifestError, OSError) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
