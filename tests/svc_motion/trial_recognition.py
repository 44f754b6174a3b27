"""Judges the recognition of exercises over the precomputed keypoints of the shared videos, window by window.

    python -m tests.svc_motion.trial_recognition [mp|yolo11n_main] [--fps N] [--mirror] [--alone] [--clips]

Windows inside the labelled span are right when the clip's exercise is believed most; a clip, and its first 3 s, by the
mean of its windows as a set would be named. `sure` windows are those believed at least 0.6: of these it tells the share
and how many of them are right. Outside the span, and where nobody exercises, no exercise should be sure of itself.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from svc_motion.library import NO_EXERCISE, UNKNOWN_EXERCISE, Library, load_library
from svc_motion.observation import body_frame
from svc_motion.recognition import Belief, Recogniser
from tests.svc_motion.keypoint_clips import START_S, Clip, Degraded, clips, observations

SURE = 0.6
FIRST_S = 3.0
MIN_LIMBS = 6


@dataclass(frozen=True)
class Judged:
    """What was believed of one clip."""

    clip: Clip
    inside: tuple[Belief, ...]
    outside: tuple[Belief, ...]
    whole: Belief
    first: Belief


def judge(library: Library, clip: Clip, source: str, degraded: Degraded) -> Judged:
    """Run the recogniser over one clip."""
    recogniser = Recogniser(library)
    begin, end = clip.span_s or ((-1.0, -1.0) if clip.exercise == NO_EXERCISE else (0.0, 1e9))
    inside, outside = [], []
    for observation in observations(clip.name, source, degraded):
        frame = body_frame(observation)
        if frame.limbs_seen >= MIN_LIMBS and recogniser.push(frame):
            time_s = frame.time_s - START_S
            belief = recogniser.belief(frame.time_s)
            if begin + 1.0 <= time_s <= end + 0.5:
                inside.append(belief)
            elif not begin - 0.5 <= time_s <= end + 2.5:
                outside.append(belief)
    recogniser.judge()
    whole = recogniser.belief_between(START_S + begin + 0.5, START_S + end + 1.0)
    first = recogniser.belief_between(START_S + begin, START_S + begin + FIRST_S)
    return Judged(clip, tuple(inside), tuple(outside), whole, first)


def report(rows: list[Judged]) -> str:
    """The numbers in one line."""
    real = [row for row in rows if row.clip.exercise != NO_EXERCISE and row.whole.windows]
    windows = [(belief, row.clip.exercise) for row in real for belief in row.inside]
    right = np.array([belief.best == exercise for belief, exercise in windows])
    trust = np.array([belief.of(belief.best) for belief, _ in windows])
    idle = [belief for row in rows for belief in row.outside]
    loud = [belief for belief in idle if belief.of(belief.best) >= SURE]
    quiet = [belief for belief in idle if belief.of(NO_EXERCISE) + belief.of(UNKNOWN_EXERCISE) >= 0.5]
    sure = trust >= SURE
    return (
        f"windows {right.mean():.3f} (sure {sure.mean():.2f}, right {right[sure].mean():.3f}; "
        f">=.85 {right[trust >= 0.85].mean():.3f}, .6-.85 {right[sure & (trust < 0.85)].mean():.3f}) "
        f"clips {np.mean([row.whole.best == row.clip.exercise for row in real]):.3f} "
        f"first {FIRST_S:.0f} s {np.mean([row.first.best == row.clip.exercise for row in real]):.3f} "
        f"idle windows {len(idle)}: none or unknown {len(quiet) / max(len(idle), 1):.2f}, "
        f"sure of an exercise {len(loud) / max(len(idle), 1):.2f}"
    )


def main() -> None:
    """Print the numbers, and with --clips a line a clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="mp")
    parser.add_argument("--fps", type=float)
    parser.add_argument("--mirror", action="store_true")
    parser.add_argument("--alone", action="store_true", help="signatures without the network")
    parser.add_argument("--clips", action="store_true")
    options = parser.parse_args()
    library = load_library()
    library = library.with_network(None) if options.alone else library
    degraded = Degraded(fps=options.fps, mirror=options.mirror)
    rows = [judge(library, clip, options.source, degraded) for clip in clips()]
    for row in rows if options.clips else ():
        ranked = sorted(row.whole.names, key=row.whole.of, reverse=True)[:3]
        told = " ".join(f"{name} {row.whole.of(name):.2f}" for name in ranked)
        share = np.mean([belief.best == row.clip.exercise for belief in row.inside]) if row.inside else float("nan")
        wrong = " " if row.whole.best == row.clip.exercise else "X"
        print(f"{wrong} {row.clip.name:42} {row.clip.exercise:15} {share:.2f} of {len(row.inside):3}  {told}")
    print(report(rows))


if __name__ == "__main__":
    main()
