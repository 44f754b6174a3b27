"""Do counts suffer from looking less? The same clips with every frame looked at and as the schedule looks at them.

    python -m spotter_cli.bench.scheduled_counts MANIFEST [--clip NAME …] [--still SECONDS] [--out FILE]

Films have no rests: where `--still` is above 0, the first picture stands for so long before the clip begins, and one
in its middle, so that the camera falls idle and has to wake.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from rich.console import Console

from mesh.launcher import LauncherSettings
from spotter_cli.bench.replay import Replayed, replay
from spotter_cli.evaluation.manifest import Clip, load_manifest
from spotter_cli.summary import Json
from svc_motion.library import load_library
from svc_vision.blazepose.pose_tracker import MODELS, PoseTracker
from svc_vision.executors.local import LocalExecutor
from svc_vision.finder import FinderMaker
from svc_vision.scheduling.config import ScheduleConfig


@dataclass(frozen=True)
class Compared:
    """One clip, both ways."""

    clip: Clip
    full: Replayed
    scheduled: Replayed

    @property
    def errors(self) -> tuple[int, int]:
        """Repetitions counted minus the nearest right count: every frame, scheduled."""
        full, scheduled = (
            min((found.repetitions - right for right in self.clip.accepted), key=abs)
            for found in (self.full, self.scheduled)
        )
        return full, scheduled


@dataclass(frozen=True)
class Totals:
    """Over all clips; every frame, then scheduled."""

    clips: int
    exact: tuple[int, int]
    """Clips with a right count."""
    off_by_one: tuple[int, int]
    """Clips that are wrong by one at most."""
    absolute_error: tuple[int, int]
    """Repetitions too many or too few, all clips together."""
    looks: tuple[int, int]
    seconds: float


def compare(
    clips: Sequence[Clip], make_finder: FinderMaker, schedule: ScheduleConfig, still_s: float
) -> Iterator[Compared]:
    """Plays each clip twice."""
    library = load_library()
    for clip in clips:
        full, scheduled = (replay(clip.path, make_finder(), library, how, still_s) for how in (None, schedule))
        yield Compared(clip, full, scheduled)


def totals(compared: Sequence[Compared]) -> Totals:
    """Sums."""
    errors = [one.errors for one in compared]

    def both(measure: Callable[[int], int]) -> tuple[int, int]:
        return sum(measure(full) for full, _ in errors), sum(measure(scheduled) for _, scheduled in errors)

    return Totals(
        len(compared),
        both(lambda error: error == 0),
        both(lambda error: abs(error) <= 1),
        both(abs),
        (sum(one.full.looks for one in compared), sum(one.scheduled.looks for one in compared)),
        sum(one.full.seconds for one in compared),
    )


def as_json(compared: Sequence[Compared]) -> Json:
    """Everything, for programs."""
    clips = [
        {
            "file": one.clip.file,
            "right": one.clip.accepted,
            "full": asdict(one.full),
            "scheduled": asdict(one.scheduled),
        }
        for one in compared
    ]
    return {"totals": asdict(totals(compared)), "clips": clips}


def line(one: Compared) -> str:
    """One clip for people."""
    right = "/".join(map(str, one.clip.accepted))
    full, scheduled = (f"{found.exercise} {found.repetitions}" for found in (one.full, one.scheduled))
    sign = "  " if one.errors[0] == one.errors[1] else "≠ "
    looks = f"{one.full.looks:5d} {one.scheduled.looks:5d}"
    return f"{sign}{one.clip.name:38s} {right:>6s}  {full:20s} {scheduled:20s} {looks}"


def summary(total: Totals) -> str:
    """All clips for people."""
    pairs = {
        "exact": total.exact,
        "off by one at most": total.off_by_one,
        "repetitions wrong": total.absolute_error,
        "looks": total.looks,
    }
    told = ", ".join(f"{name} {full} → {scheduled}" for name, (full, scheduled) in pairs.items())
    return f"{total.clips} clips, {total.seconds:.0f} s; every frame → scheduled: {told}"


def main() -> int:
    """Exit code: 0 where the schedule costs no clip its right count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clip", action="append", default=[], help="only this one; may stand several times")
    parser.add_argument("--still", type=float, default=3.0, help="seconds; 0 plays the clips as they are")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    cv2.setNumThreads(1)
    clips = [clip for clip in load_manifest(chosen.manifest) if not chosen.clip or clip.name in chosen.clip]
    executor = LocalExecutor(LauncherSettings().model_repository, MODELS)
    compared = []
    console.print(f"  {'clip':38s} {'right':>6s}  {'every frame':20s} {'scheduled':20s} {'looks':>5s} {'looks':>5s}")
    for one in compare(clips, lambda: PoseTracker(executor), ScheduleConfig(), chosen.still):
        compared.append(one)
        console.print(line(one))
    total = totals(compared)
    console.print(summary(total))
    if chosen.out:
        chosen.out.write_text(json.dumps(as_json(compared), indent=1), encoding="utf-8")
    return 0 if total.exact[1] >= total.exact[0] else 1


if __name__ == "__main__":
    sys.exit(main())
