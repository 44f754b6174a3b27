"""How the repetitions of a running set were done: kept, so that they are judged again if it is another exercise.

Evidence grows while a set runs. What was a row all the time may have been unknown for its first repetitions, or taken
for a deadlift; faults of a deadlift must not stay on record as those of a row, nor may the row's faults be missed.
"""

from __future__ import annotations

from collections import deque

from svc_motion.events import RejudgedRepetition
from svc_motion.form import Judgement, RepetitionTrace, judge_repetition
from svc_motion.library_schema import Exercise

KEPT_REPETITIONS = 40
"""Of longer sets the first ones are forgotten: about 50 kB a repetition, and no set is relabelled so late but to its
variant."""


class JudgedRepetitions:
    """The traces of a set's newest repetitions by their numbers."""

    def __init__(self) -> None:
        self._traces: deque[tuple[int, RepetitionTrace]] = deque(maxlen=KEPT_REPETITIONS)

    def judge(self, exercise: Exercise, index: int, trace: RepetitionTrace) -> Judgement:
        """Judges a repetition and keeps its trace; `index` is its number in the set, from 1."""
        self._traces.append((index, trace.kept()))
        return judge_repetition(exercise, trace)

    def judged_as(self, exercise: Exercise, count: int) -> tuple[RejudgedRepetition, ...]:
        """Repetitions 1 to `count` as another exercise; those that nobody remembers are not judged at all."""
        traces = dict(self._traces)
        return tuple(
            _rejudged(index, judge_repetition(exercise, traces[index]))
            if index in traces
            else RejudgedRepetition(index, not_judged=_faults_of(exercise))
            for index in range(1, count + 1)
        )


def _faults_of(exercise: Exercise) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fault.name for fault in exercise.faults))


def _rejudged(index: int, judgement: Judgement) -> RejudgedRepetition:
    return RejudgedRepetition(
        index,
        judgement.tempo,
        judgement.rom_deg,
        judgement.score,
        judgement.reasons,
        judgement.faults,
        judgement.partial,
        judgement.symmetry,
        judgement.stability,
        judgement.path_deviation,
        judgement.not_judged,
        judgement.view,
    )
