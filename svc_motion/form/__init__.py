"""How well a repetition was done: range, tempo, symmetry, stability, path, faults and a score with its reasons.

`docs/form.md` says what each fault means, how and from where it is measured, and where its threshold comes from.
"""

from svc_motion.form.faults import confidence_of, find_faults, judge_faults
from svc_motion.form.judgement import Judgement, body_metrics, is_full, judge_hold, judge_repetition, measure
from svc_motion.form.measurement import Measurement, Measurements
from svc_motion.form.tempo import tempo_of
from svc_motion.form.trace import RepetitionTrace, trace_of

__all__ = [
    "Judgement",
    "Measurement",
    "Measurements",
    "RepetitionTrace",
    "body_metrics",
    "confidence_of",
    "find_faults",
    "is_full",
    "judge_faults",
    "judge_hold",
    "judge_repetition",
    "measure",
    "tempo_of",
    "trace_of",
]
