"""The score of a repetition: 100 less what it lost, and what for."""

from collections.abc import Sequence

from svc_motion.events import FaultFinding, RepetitionTempo
from svc_motion.library_schema import Exercise

RUSHED_PENALTY = 10
PARTIAL_PENALTY = 15
SURE_CONFIDENCE = 0.75
"""A fault as sure as this costs its full penalty; a less sure one costs its share."""


def score_of(
    exercise: Exercise, faults: Sequence[FaultFinding], tempo: RepetitionTempo, partial: bool
) -> tuple[int, tuple[str, ...]]:
    """0..100, and the names of what points were taken off for, the most dangerous first."""
    penalties = {fault.name: fault.penalty for fault in exercise.faults}
    taken = [
        (finding.name, penalties[finding.name] * min(1.0, finding.confidence / SURE_CONFIDENCE)) for finding in faults
    ]
    if partial and not taken:
        taken.append(("partial_range", PARTIAL_PENALTY))
    if 0 < tempo.eccentric_s < exercise.tempo.min_eccentric_s:
        taken.append(("rushed_eccentric", RUSHED_PENALTY))
    if 0 < tempo.concentric_s < exercise.tempo.min_concentric_s:
        taken.append(("rushed_concentric", RUSHED_PENALTY))
    lost = round(sum(points for _, points in taken))
    return max(0, 100 - lost), tuple(dict.fromkeys(reason for reason, _ in taken))
