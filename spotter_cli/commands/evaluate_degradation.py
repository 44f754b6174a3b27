"""`spotter evaluate-degradation`: labelled clips as worse cameras and worse keypoints would show them."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from mesh.errors import StartupError
from spotter_cli.evaluation.manifest import ManifestError, load_manifest
from spotter_cli.evaluation.pictures import require_matplotlib


def evaluate_degradation(manifest: Path, *, out: Path = Path("out/degradation"), clip: list[str] | None = None) -> int:
    """Count labelled clips at 10 fps, at half resolution, mirrored, from 2D joints only and with joints lost.

    The pictures go through the eye of svc_vision and the keypoints through the motion domain, in this process. What the
    eye saw is kept under the folder, so that a second run takes seconds.

    Parameters
    ----------
    manifest
        JSON file that lists clips, see docs/evaluation.md.
    out
        Folder for report.json, report.md, degradation.png and what was seen.
    clip
        Only clips of this name; may stand several times.
    """
    console = Console(highlight=False)
    try:
        require_matplotlib()
        clips = [one for one in load_manifest(manifest) if not clip or one.name in clip]
        if not clips:
            raise StartupError(f"{manifest} has no clip of that name.")
        from spotter_cli.degradation.command import run

        return run(console, clips, out)
    except (StartupError, ManifestError, OSError) as error:
        console.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
