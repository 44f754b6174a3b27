"""`spotter evaluate-tracking`: drawn scenes through the service's own eye, and how well it tells people apart."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from mesh.launcher import LauncherError
from spotter_cli.evaluation.manifest import ManifestError


def evaluate_tracking(
    *scenes: str,
    out: Path = Path("out/tracking"),
    models: Path | None = None,
    clips: Path | None = None,
    reuse: bool = False,
    film: bool = False,
    mesh: bool = False,
    width_px: int = 1280,
) -> int:
    """Send scenes with known truth through the eye of svc_vision, and score its tracks with a public evaluator.

    Parameters
    ----------
    scenes
        Names of scenes, see docs/tracking.md; all where none is named. They are drawn once and kept.
    out
        Folder for report.json, report.md and pictures of the frames in which an id changed.
    models
        Model repository; SPOTTER_MODEL_REPOSITORY, else the checkout's, where none is named.
    clips
        Manifest of recorded clips; of those named track_* the ids are counted.
    reuse
        Take what was found in a film the last time: for trying changes of the tracker only.
    film
        Also write each film with the ids drawn on.
    mesh
        Also send the scenes through a whole mesh, all cameras of a scene at once, and score person ids.
    width_px
        Of the films; less is drawn and watched sooner.
    """
    console = Console(highlight=False)
    if models is not None:
        os.environ["SPOTTER_MODEL_REPOSITORY"] = str(models.absolute())  # the services of a mesh read it as well
    try:
        from spotter_cli.tracking.command import Wishes, run

        return run(console, Wishes(scenes, out, clips, reuse=reuse, film=film, mesh=mesh, width_px=width_px))
    except (StartupError, LauncherError, ManifestError, OSError) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
