"""Exercise-like movements that are not in the library: the class `unknown`.

Named ones that people do in gyms, and cycles nobody has a name for, so that the class means "cyclic, none of these".
"""

from collections.abc import Callable

import numpy as np

from svc_motion.training import unknown_arms as arms
from svc_motion.training import unknown_bodies as bodies
from svc_motion.training.bases import hand_on_hip, hang, kneel, lie, sit, stand
from svc_motion.training.figure import FPS, OUTWARD, SAMPLES, SIDES, Array, Draw, Figure, Side, direction, vector


def _nameless(draw: Draw) -> Array:
    """Smooth cycles of two or three joints in an odd mixture, from any base."""
    figure = Figure.new(draw)
    base = draw.pick({"stand": 0.55, "sit": 0.2, "kneel": 0.1, "lie": 0.15})
    period_s = float(np.exp(draw.between(np.log(0.7), np.log(4))))
    time = 2 * np.pi * np.arange(SAMPLES) / FPS / period_s

    def cycle(size: float) -> Array:
        harmonic = 2 if draw.chance(0.15) else 1
        return np.asarray(size * np.sin(harmonic * time + draw.between(0, 6.3)), dtype=np.float64)

    if base == "lie":
        lie(figure)
    else:
        {"stand": stand, "sit": sit, "kneel": kneel}[base](figure)
        figure.lean = figure.lean + (draw.between(-5, 40) + cycle(draw.between(5, 25)) if draw.chance(0.4) else 0.0)
        figure.roll = cycle(draw.between(5, 25)) if draw.chance(0.35) else 0.0
        figure.twist = cycle(draw.between(10, 45)) if draw.chance(0.4) else 0.0
        if base == "stand" and draw.chance(0.4):
            figure.hip = figure.hip + vector(cycle(0.15), cycle(0.1), -draw.between(0.05, 0.2) + cycle(0.06))
        figure.trunk()
    moving: list[Side] = [side for side in SIDES if draw.chance(0.75)] or [draw.side()]
    for side in SIDES:
        if side in moving:
            raised, plane = draw.between(15, 140), draw.between(-20, 110)
            upper = direction(raised + cycle(draw.between(15, 60)), plane + cycle(draw.between(15, 60)))
            fore_raised = raised + draw.between(0, 90) + cycle(draw.between(10, 60))
            figure.arm(side, upper, direction(fore_raised, plane - draw.between(0, 70) + cycle(draw.between(10, 50))))
        elif draw.chance(0.7):
            hang(figure, side)
        else:
            hand_on_hip(figure, side)
    if base == "stand" and draw.chance(0.35):
        working = draw.side()
        lifted = np.radians(draw.between(15, 50) + cycle(draw.between(10, 40)))
        out = OUTWARD[working] * draw.between(0, 0.6)
        shank = lifted - np.radians(draw.between(5, 80))
        thigh = vector(out, -np.sin(lifted), -np.cos(lifted))
        figure.leg(working, thigh, vector(out * 0.5, -np.sin(shank), -np.cos(shank)))
    return figure.joints()


KINDS: dict[str, tuple[float, Callable[[Draw], Array]]] = {
    "wood_chop": (0.08, arms.wood_chop),
    "round_arms": (0.13, arms.round_arms),
    "knees_up": (0.11, bodies.knees_up),
    "twist": (0.10, arms.twist),
    "good_morning": (0.04, bodies.good_morning),
    "leg_swing": (0.09, bodies.leg_swing),
    "step_up": (0.07, bodies.step_up),
    "machine": (0.12, bodies.machine),
    "compound": (0.06, bodies.compound),
    "flies": (0.08, arms.flies),
    "floor_cycle": (0.07, bodies.floor_cycle),
    "nameless": (0.13, _nameless),
}
"""Share and maker of each kind."""


def unknown(draw: Draw) -> Array:
    """Something cyclic that the library does not hold."""
    kind = draw.pick({name: share for name, (share, _) in KINDS.items()})
    return KINDS[kind][1](draw)
