"""How long the phases of a repetition took."""

import numpy as np

from svc_motion.counter import STILL_SPEED_SHARE
from svc_motion.events import RepetitionTempo
from svc_motion.form.trace import RepetitionTrace


def tempo_of(trace: RepetitionTrace, return_is: str) -> RepetitionTempo:
    """Split a repetition at its turn; what moves slower than a tenth of the mean speed is a pause."""
    bottom = int(np.argmin(trace.movement))
    steps = np.diff(trace.times_s)
    speed = np.abs(np.diff(trace.movement)) / np.maximum(steps, 1e-6)
    still = (
        speed < STILL_SPEED_SHARE * float(np.average(speed, weights=np.maximum(steps, 1e-9))) if len(steps) else steps
    )
    moving = np.where(still, 0.0, steps)
    fall_s, rise_s = float(moving[:bottom].sum()), float(moving[bottom:].sum())
    pause_s = float(steps.sum()) - fall_s - rise_s
    concentric_s, eccentric_s = (rise_s, fall_s) if return_is == "concentric" else (fall_s, rise_s)
    return RepetitionTempo(round(eccentric_s, 3), round(concentric_s, 3), round(pause_s, 3))
