"""Push-ups and planks in all their supports, and presses lying on a bench."""

import numpy as np

from svc_motion.training.bases import lie
from svc_motion.training.figure import OUTWARD, SIDES, Array, Draw, Figure, Limb, unit, vector


def push_up(draw: Draw) -> Array:
    """Push-ups on toes or knees, hands or feet raised, hips level, sagging or piked."""
    return _prone(draw, draw.repetitions(0.8, 5, least=0.4)[0], held=False)


def plank(draw: Draw) -> Array:
    """Planks on hands or forearms."""
    drift = np.clip(draw.between(0, 0.12) + draw.sway(draw.between(0.005, 0.04), 0.3), 0, 1)
    return _prone(draw, drift, held=True)


def _prone(draw: Draw, phase: Array, held: bool) -> Array:
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    on_knees, on_forearms = draw.chance(0.16) and not held, held and draw.chance(0.65)
    leg = body.thigh if on_knees else body.leg
    length = leg + body.spine
    hands_up = (draw.between(0.1, 0.6) if draw.chance(0.18) else 0.0) * k
    feet_up = (draw.between(0.2, 0.5) if draw.chance(0.08) else 0.0) * k
    pivot = (0.06 if on_knees else 0.115) * k + feet_up
    support = body.upper_arm * draw.between(0.9, 1.02) if on_forearms else body.arm * draw.between(0.93, 0.985)
    shoulder = np.minimum(support + 0.04 + hands_up - phase * draw.between(0.12, 0.27) * k, pivot + length * 0.8)
    slope = np.arcsin(np.clip((shoulder - pivot) / length, -0.6, 0.85))
    sag = draw.between(-0.09, 0.07) if draw.chance(0.5) else draw.between(-0.02, 0.02)
    sagging = (sag + (draw.between(0, 0.15) * phase if draw.chance(0.15) else 0 * phase))[:, None]
    along, up = vector(0, -np.cos(slope), np.sin(slope)), vector(0, np.sin(slope), np.cos(slope))
    ankle = vector(0, 0, pivot)
    figure.hip = ankle + along * leg * 0.995 - up * sagging
    spine = unit(ankle + along * length - figure.hip)
    figure.lean = 90 - np.degrees(np.arcsin(np.clip(spine[:, 2], -1, 1)))
    figure.bend, figure.head_pitch = draw.between(-6, 6), draw.between(-45, 10)
    figure.trunk()
    for side in SIDES:
        if on_knees:
            shank = vector(0, 0.75 if draw.chance(0.5) else 1, draw.between(0.1, 0.9))
            figure.leg(side, unit(ankle - figure.hip), shank)
        else:
            figure.foot(side, ankle + vector(OUTWARD[side] * draw.between(0.03, 0.14) * k, 0, 0), vector(0, 0, -1))
    _prone_arms(figure, on_forearms, hands_up)
    return figure.joints()


def _prone_arms(figure: Figure, on_forearms: bool, hands_up: float) -> None:
    draw = figure.draw
    under = figure.neck[:, 1].mean() if draw.chance(0.7) else figure.neck[:, 1].max()
    under += draw.between(-0.08, 0.12)
    width = draw.between(0.10, 0.42) * figure.body.k
    for side in SIDES:
        out = OUTWARD[side]
        if on_forearms:
            upper = vector(out * draw.between(-0.1, 0.15), draw.between(-0.2, 0.2), -1)
            figure.arms[side] = Limb("directions", upper, vector(-out * draw.between(-0.1, 0.7), -1, -0.05))
        else:
            pole = vector(out * draw.between(0.2, 1.1), draw.between(0.4, 1), 0.35)
            figure.hand_at(side, vector(out * width, under, 0.05 + hands_up + draw.sway(0.002)), pole)


def bench_press(draw: Draw) -> Array:
    """Bar or dumbbells, flat or inclined."""
    figure = Figure.new(draw)
    incline = lie(figure)
    phase = draw.repetitions(0.8, 5)[0]
    wide, narrow = draw.between(0.05, 0.34), draw.between(-0.15, 0.15)
    if draw.chance(0.55):  # hands on a bar keep their distance
        wide = draw.between(0, 0.3)
        narrow = wide + draw.between(-0.03, 0.03)
    low, high = draw.between(0, 0.16), figure.body.arm * draw.between(0.88, 0.985)
    back = np.sin(np.radians(incline * 0.6)) * 0.25
    for side in SIDES:
        forward = draw.between(-0.02, 0.16) * (1 - phase) + draw.between(-0.05, 0.05) * phase + back * phase
        offset = vector(wide + (narrow - wide) * phase, forward, low + (high - low) * phase)
        pole = vector(draw.between(0.5, 1.2), draw.between(0, 0.5), -1)
        figure.hand(side, offset, pole, of_world=True)
    return figure.joints()
