"""Hip thrusts and bridges, dips on bars and at a bench: the body hangs between fixed supports."""

import numpy as np

from svc_motion.training.arm_movements import hanging_legs
from svc_motion.training.bases import rest_arms
from svc_motion.training.core_movements import face_up
from svc_motion.training.figure import OUTWARD, SIDES, Array, Draw, Figure, direction, vector


def hip_thrust(draw: Draw) -> Array:
    """Hip thrusts with the shoulders on a bench and bridges on the floor, also on one leg."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.7, 5, hold=0.2)[0]
    bench = draw.chance(0.6)
    shoulder = (draw.between(0.36, 0.5) if bench else draw.between(0.07, 0.12)) * k
    highest = body.shank * draw.between(0.88, 1.1) if bench else draw.between(0.3, 0.46) * k
    lowest = draw.between(0.1, 0.26) * k if bench else draw.between(0.08, 0.12) * k
    height = lowest + (max(highest, lowest + 0.12) - lowest) * phase * draw.between(0.75, 1.0)
    rise = np.clip((shoulder - height) / body.spine, -0.9, 0.9)
    across = body.spine * np.sqrt(1 - rise**2)
    figure.hip = vector(draw.sway(0.004), -across, height)
    figure.lean, figure.bend = face_up(np.degrees(np.arcsin(rise))), draw.between(-4, 8)
    figure.head_pitch = draw.between(0, 40) + draw.between(-10, 25) * phase
    figure.trunk()
    front, width = body.spine + body.thigh * draw.between(0.75, 1.12), draw.between(0.08, 0.24) * k
    one_leg, free = draw.chance(0.12), draw.side()
    for side in SIDES:
        ankle = vector(OUTWARD[side] * width, -front, body.ankle_height)
        if one_leg and side == free:
            raised = draw.between(-0.1, 0.8)
            figure.leg(side, vector(0, -1, raised), vector(0, -1, raised))
        else:
            figure.foot(side, ankle, vector(OUTWARD[side] * draw.between(0, 0.35), -0.3, 1))
    _thrust_arms(figure, bench)
    return figure.joints()


def _thrust_arms(figure: Figure, bench: bool) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    kind = draw.pick({"bar": 0.5 if bench else 0.25, "sides": 0.15 if bench else 0.6, "crossed": 0.12, "out": 0.12})
    if kind == "crossed":
        rest_arms(figure, kind)
        return
    wide = draw.between(0.1, 0.38)
    for side in SIDES:
        out = OUTWARD[side]
        if kind == "bar":
            grip = figure.hip + vector(out * wide, -draw.between(-0.05, 0.08), 0.12 * k)
            figure.hand_at(side, grip, vector(out * 0.8, 0.4, -0.6))
        elif kind == "sides":
            point = figure.neck * [0, 1, 0] + vector(out * (wide + 0.1), -body.arm * draw.between(0.7, 0.95), 0.05)
            figure.hand_at(side, point, vector(out, 0, 0.1))
        else:
            figure.arm(side, direction(draw.between(60, 105), 95), direction(draw.between(60, 110), 100))


def dip(draw: Draw) -> Array:
    """On parallel bars, a machine or the edge of a bench."""
    return _bench_dip(draw) if draw.chance(0.42) else _bar_dip(draw)


def _bar_dip(draw: Draw) -> Array:
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.8, 5)[0]
    bar = draw.between(1.15, 1.45) * k
    shoulder = bar + body.arm * draw.between(0.93, 0.99) - draw.between(0.16, 0.34) * k * phase
    figure.lean = draw.between(-4, 18) + draw.between(0, 30) * phase
    spine = body.spine * np.cos(np.radians(figure.lean))
    figure.hip = vector(draw.sway(0.006), 0.5 * body.spine * np.sin(np.radians(figure.lean)), shoulder - spine)
    figure.head_pitch = draw.between(-15, 20)
    figure.trunk()
    hanging_legs(figure)
    width = body.shoulder_half + draw.between(-0.02, 0.16)
    along = float(figure.neck[:, 1].mean()) + draw.between(-0.05, 0.1)
    for side in SIDES:
        out = OUTWARD[side]
        pole = vector(out * draw.between(0, 0.8), 1, draw.between(-0.1, 0.5))
        figure.hand_at(side, vector(out * width, along, bar), pole)
    return figure.joints()


def _bench_dip(draw: Draw) -> Array:
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.8, 5)[0]
    bench, gap = draw.between(0.4, 0.52) * k, draw.between(0.05, 0.2)
    figure.lean = draw.between(-8, 10) + draw.between(-6, 10) * phase
    shoulder = bench + body.arm * draw.between(0.92, 0.99) - draw.between(0.14, 0.34) * k * phase
    height = np.maximum(shoulder - body.spine * np.cos(np.radians(figure.lean)), 0.1 * k)
    figure.hip = vector(draw.sway(0.005), -gap - 0.04 * phase, height)
    figure.head_pitch = draw.between(-15, 15)
    figure.trunk()
    bent, raised = draw.chance(0.45), draw.chance(0.2)
    front = (draw.between(0.4, 0.6) if bent else draw.between(0.74, 0.83)) * k
    ankle = body.ankle_height + (draw.between(0.3, 0.45) * k if raised else 0)
    for side in SIDES:
        out = OUTWARD[side]
        figure.foot(side, vector(out * draw.between(0.04, 0.15), -gap - front, ankle), vector(out * 0.2, -0.3, 1))
        figure.hand_at(side, vector(out * (body.shoulder_half + draw.between(0, 0.12)), 0.06, bench), vector(0, 1, 0.2))
    return figure.joints()
