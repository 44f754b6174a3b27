"""`spotter evaluate-falls`: drawn falls and training through vision's own eye, and what the fall detector says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from rich.console import Console

from mesh.errors import StartupError
from spotter_cli.evaluation.manifest import ManifestError


def evaluate_falls(
    *names: str,
    out: Path = Path("out/fall-evaluation"),
    pose_model: Literal["blazepose", "yolo11"] | None = None,
    models: Path | None = None,
    clips: Path | None = None,
    reuse: bool = False,
    workers: int = 2,
) -> int:
    """Measure how many of forty drawn falls are told, how soon, and how often training is taken for a fall.

    What the eye sees of each film is kept in <out>/keypoints, so that a run is taken up where it was broken off, and
    trying another detector takes seconds.

    Parameters
    ----------
    names
        Beginnings of the names of films, as `trip` or `burpees`, see docs/fall-evaluation.md; all where none is named.
    out
        Folder for report.json, report.md and pictures of misses and false alarms, one folder inside for each model.
    pose_model
        What finds people; SPOTTER_POSE_MODEL where it isn't named.
    models
        Model repository; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    clips
        Manifest of recorded clips; nobody falls in them.
    reuse
        Take what was seen of a film before, even if it would be drawn otherwise now.
    workers
        Films that are drawn and watched at the same time.
    """
    console = Console(highlight=False)
    if models is not None:
        os.environ["SPOTTER_MODEL_REPOSITORY"] = str(models.absolute())
    if pose_model is not None:
        os.environ["SPOTTER_POSE_MODEL"] = pose_model  # the processes that watch read it as well
    try:
        from spotter_cli.fall_evaluation.command import Wishes, run

        return run(console, Wishes(names, out, clips, reuse=reuse, workers=workers))
    except (StartupError, ManifestError, OSError) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
