"""How near tracks are to the truth, by a public evaluator: `trackers.eval`, which follows TrackEval.

HOTA, DetA, AssA: Luiten et al., HOTA, IJCV 2021. IDF1: Ristani et al., ECCV Workshops 2016. MOTA and id switches:
Bernardin and Stiefelhagen, CLEAR MOT, 2008. IDF1, MOTA and switches match boxes from an overlap (IoU) of one half on;
HOTA is the mean over overlaps of 0.05 to 0.95.
"""

from __future__ import annotations

import importlib.util
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mesh.errors import StartupError
from spotter_cli.tracking.tracks import Tracks, save_mot


class MissingEvaluator(StartupError):
    """The public evaluator isn't installed."""


@dataclass(frozen=True)
class Score:
    """Measures of one tracker on one film; shares of 1, and counts."""

    hota: float
    det_a: float
    ass_a: float
    idf1: float
    mota: float
    switches: int
    missed: int
    """Boxes of the truth that nobody has."""
    false: int
    """Boxes that belong to nobody."""


def require_evaluator() -> None:
    """Raises MissingEvaluator where tracks can't be evaluated."""
    if importlib.util.find_spec("trackers") is None:
        raise MissingEvaluator(
            "Tracks are evaluated with the package trackers, which is missing: pip install 'spotter[dev]'"
        )


def score(truth: Path, tracks: Tracks) -> Score:
    """Compares tracks with a MOT file that says what is true. The evaluator must be there, see `require_evaluator`."""
    from trackers.eval import evaluate_mot_sequence

    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "tracks.txt"
        save_mot(tracks, said)
        result = evaluate_mot_sequence(truth, said, ["CLEAR", "HOTA", "Identity"])
    clear, hota, identity = result.CLEAR, result.HOTA, result.Identity
    assert clear is not None and hota is not None and identity is not None
    return Score(
        float(hota.HOTA),
        float(hota.DetA),
        float(hota.AssA),
        float(identity.IDF1),
        float(clear.MOTA),
        int(clear.IDSW),
        int(clear.CLR_FN),
        int(clear.CLR_FP),
    )
