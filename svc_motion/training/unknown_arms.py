"""Gym movements that are not in the library, led by the arms or the trunk: chops, circles, twists, flies."""

from dataclasses import replace

import numpy as np

from svc_motion.training.bases import hand_on_hip, hang, lie, rest_arms, sit, stand, stand_or_sit
from svc_motion.training.figure import FPS, OUTWARD, SAMPLES, SIDES, Array, Draw, Figure, direction, vector
from svc_motion.training.keyframes import posed, standing


def circling(draw: Draw, fastest_s: float, slowest_s: float) -> Array:
    """(T,) radians of a steady round motion."""
    period_s = float(np.exp(draw.between(np.log(fastest_s), np.log(slowest_s))))
    return np.asarray(2 * np.pi * np.arange(SAMPLES) / FPS / period_s + draw.between(0, 6.3), dtype=np.float64)


def wood_chop(draw: Draw) -> Array:
    """Both hands together from high on one side to low on the other, as with a cable or a ball."""
    figure = Figure.new(draw)
    body = figure.body
    phase = draw.repetitions(0.7, 4)[0]
    sign = OUTWARD[draw.side()]
    start = standing(draw, body)
    high, low = draw.between(0.9, 2.0) * body.k, draw.between(0.3, 0.9) * body.k
    up, down = ((-sign * 0.4, 0.3, high), (sign * 0.4, 0.3, high)), ((sign * 0.4, 0.35, low), (-sign * 0.4, 0.35, low))
    sunk = (0.0, -draw.between(0, 0.15), start.hip[2] - draw.between(0, 0.25))
    first = replace(start, hands=up, twist=draw.between(10, 40) * sign)
    second = replace(start, hands=down, hip=sunk, twist=-draw.between(10, 40) * sign, lean=draw.between(5, 40))
    return posed(figure, [first, second], phase)


def round_arms(draw: Draw) -> Array:
    """Arm circles, boxing, ropes: hands on their own closed curves, in step or against each other."""
    figure = Figure.new(draw)
    stand_or_sit(figure, 0.12, 0.08)
    kind = draw.pick({"circles": 0.3, "boxing": 0.35, "ropes": 0.35})
    turn = circling(draw, 0.4, 2.0)
    figure.lean = figure.lean + (draw.between(5, 35) if kind == "ropes" else 0.0)
    figure.twist = np.sin(turn) * draw.between(4, 22) if kind == "boxing" else draw.sway(3)
    if kind != "circles" and figure.hip[0, 2] > 0.7 * figure.body.k:
        figure.hip = figure.hip - vector(0, 0, draw.between(0, 0.14))
    figure.trunk()
    against = np.pi if kind == "boxing" or draw.chance(0.6) else 0.0
    arm = figure.body.arm
    for side, late in zip(SIDES, (0.0, against), strict=True):
        own = turn + late
        if kind == "circles":
            middle, wide = draw.between(60, 110), draw.between(12, 70)
            raised, plane = middle + wide * np.sin(own), draw.between(40, 95) + wide * np.cos(own)
            figure.arm(side, direction(raised, plane), direction(raised + draw.between(0, 15), plane))
        elif kind == "boxing":
            share: Array = np.clip(np.sin(own), 0, 1) ** draw.between(0.8, 2)
            reach, height = 0.12 + (arm * draw.between(0.7, 0.95) - 0.12) * share, draw.between(-0.12, 0.1)
            figure.hand(side, vector(-0.08, reach, height), vector(0.6, 0, -1))
        else:
            up = -draw.between(0.15, 0.35) + draw.between(0.12, 0.3) * np.sin(own)
            figure.hand(side, vector(draw.between(-0.05, 0.1), draw.between(0.3, 0.48), up), vector(0.8, -0.4, -1))
    return figure.joints()


def twist(draw: Draw) -> Array:
    """Trunk twists standing, sitting or as Russian twists; side bends; hips in circles."""
    figure = Figure.new(draw)
    kind = draw.pick({"twist": 0.3, "russian": 0.35, "bend": 0.35})
    phase = draw.repetitions(0.7, 4)[0] * 2 - 1
    if kind == "russian":
        figure.hip, figure.lean = vector(0, 0, 0.1 * figure.body.k), -draw.between(20, 55)
        front, up = draw.between(0.4, 0.65), draw.between(0.05, 0.35)
        for side in SIDES:
            figure.foot(side, vector(OUTWARD[side] * 0.08, -front, up), vector(0, -0.3, 1))
    else:
        (sit if draw.chance(0.2) else stand)(figure)
    if kind == "bend":
        figure.roll = draw.between(12, 40) * phase * (1.0 if draw.chance(0.6) else np.clip(np.sign(phase), 0, 1))
    else:
        figure.twist = draw.between(25, 75) * phase
    figure.trunk()
    if kind == "russian" or (kind == "twist" and draw.chance(0.5)):
        for side in SIDES:
            offset = vector(-figure.body.shoulder_half + 0.04, draw.between(0.2, 0.5), -draw.between(0.05, 0.35))
            figure.hand(side, offset, vector(0.6, -0.2, -0.8))
    elif kind == "bend" and draw.chance(0.5):
        for side in SIDES:
            (hang if draw.chance(0.6) else hand_on_hip)(figure, side)
    else:
        rest_arms(figure, draw.pick({"hips": 1, "head": 1, "chest": 1, "bar_on_back": 1, "overhead": 0.7}))
    return figure.joints()


def flies(draw: Draw) -> Array:
    """Flies, reverse flies, upright rows, shrugs, halos: arms that go where no library exercise takes them."""
    figure = Figure.new(draw)
    kind = draw.pick({"fly": 0.49, "reverse": 0.05, "upright": 0.2, "shrug": 0.1, "halo": 0.16})
    phase = draw.repetitions(0.8, 5)[0]
    lying = kind == "fly" and draw.chance(0.25)
    if lying:
        lie(figure)
    else:
        stand_or_sit(figure, 0.5 if kind == "fly" else 0.1)
    if kind == "reverse":
        figure.lean = draw.between(45, 85)
        figure.hip = figure.hip + vector(0, 0.15, -0.05)
    figure.shrug = draw.between(0.03, 0.08) * phase if kind == "shrug" else 0.0
    figure.trunk()
    flex, turn = draw.between(5, 70), circling(draw, 1, 3)
    for side in SIDES:
        if kind in ("fly", "reverse"):
            level = draw.between(75, 100)
            plane = draw.between(-12, 10) + draw.between(60, 100) * phase
            figure.arm(side, direction(level, plane), direction(level, plane - flex))
        elif kind == "upright":
            low, high = -figure.body.arm * 0.95, draw.between(-0.12, 0.05)
            height = low + (high - low) * phase
            figure.hand(side, vector(-0.08, 0.1 + 0.05 * phase, height), vector(1, 0, 1.2))
        elif kind == "shrug":
            hang(figure, side)
        else:
            out, front = -figure.body.shoulder_half + 0.18 * np.sin(turn), 0.18 * np.cos(turn)
            offset = vector(out, front, draw.between(0.15, 0.35))
            figure.hand(side, offset, vector(1, 0.3, 0))
    return figure.joints()
