"""Burpees, kettlebell swings and calf raises."""

import numpy as np

from svc_motion.training.bases import hand_on_hip, hang, rest_arms, sit, stand
from svc_motion.training.figure import OUTWARD, SIDES, Array, Draw, Figure, direction, vector
from svc_motion.training.keyframes import Pose, arms_up, crouch, posed, prone, standing


def burpee(draw: Draw) -> Array:
    """Down to a plank and up again, with or without push-up and jump."""
    figure = Figure.new(draw)
    body = figure.body
    phase = draw.repetitions(1.3, 6, hold=0.03, least=0.55)[0]
    down = crouch(draw, body)
    upright = standing(draw, body)
    poses: list[Pose] = []
    if draw.chance(0.7):
        poses.append(arms_up(draw, upright, body, draw.between(0.03, 0.25) if draw.chance(0.8) else 0))
    poses += [upright, down, prone(draw, body, down)]
    if draw.chance(0.5):
        poses.append(prone(draw, body, down, low=True))
    return posed(figure, poses, np.clip(phase * (len(poses) - 1), 0, len(poses) - 1))


def kettlebell_swing(draw: Draw) -> Array:
    """Hinge and snap, the arms from between the legs to the eyes or overhead; with two hands or one."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    down, _ = draw.repetitions(0.9, 2.4, hold=0.02)
    stance, toes = draw.between(0.16, 0.34) * k, np.radians(draw.between(5, 35))
    lean, sink = draw.between(35, 75), draw.between(0.05, 0.24) * k
    top = body.ankle_height + body.leg * draw.between(0.96, 0.985)
    figure.hip = vector(draw.sway(0.006), 0.02 + draw.between(0.1, 0.26) * k * down, top - sink * down)
    figure.lean = draw.between(-8, 4) + lean * down
    figure.bend, figure.head_pitch = draw.between(-4, 8), -draw.between(0, 0.8) * lean * down
    figure.trunk()
    highest = draw.between(55, 105) if draw.chance(0.75) else draw.between(140, 178)
    lowest = -draw.between(8, 42)
    lag = draw.between(0.75, 1.4)
    raised = highest + (lowest - highest) * np.clip(down, 0, 1) ** lag + draw.sway(2)
    one = draw.chance(0.2)
    first = draw.side()
    for side in SIDES:
        out = OUTWARD[side]
        figure.foot(side, vector(out * stance, 0, body.ankle_height), vector(out * np.sin(toes), -np.cos(toes), 0.05))
        working = not one or side == first
        inward = -np.degrees(np.arctan(figure.body.shoulder_half / body.arm)) * (1.0 if not one else 0.6)
        if working:
            upper = direction(raised, 0) + vector(np.sin(np.radians(inward)) * 0.9, 0, 0)
            fore = direction(raised + draw.between(-4, 12), 0) + vector(np.sin(np.radians(inward)) * 0.9, 0, 0)
            figure.arm(side, upper, fore, of_world=True)
        else:
            swing = draw.between(5, 40) - draw.between(0, 70) * down
            plane = draw.between(40, 90)
            figure.arm(side, direction(swing, plane), direction(swing + 10, plane), of_world=True)
    return figure.joints()


def calf_raise(draw: Draw) -> Array:
    """Heels up and down: standing on both feet or one, with or without load, or seated."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.9, 3.5, hold=0.15, least=0.6)[0]
    rise = draw.between(0.075, 0.135) * k * phase
    if draw.chance(0.12):
        return _seated_calf_raise(figure, rise)
    stand(figure, draw.between(0.975, 0.99))
    forward = draw.between(0, 0.04) * phase
    figure.hip = figure.hip + vector(0, -forward, rise)
    one, free, width = draw.chance(0.12), draw.side(), draw.between(0.05, 0.18) * k
    figure.lean = figure.lean + draw.between(-2, 4) * phase
    figure.trunk()
    for side in SIDES:
        out = OUTWARD[side]
        if one and side == free:
            figure.leg(side, vector(0, -draw.between(-0.1, 0.4), -1), vector(0, draw.between(0.1, 1.5), -1))
        else:
            ankle = vector(out * width, -0.6 * forward, body.ankle_height + rise)
            figure.foot(side, ankle, vector(out * 0.2, -1, 0.05))
    kind = draw.pick({"hang": 0.4, "support": 0.22, "bar_on_back": 0.15, "hips": 0.13, "chest": 0.1})
    if kind != "support":
        rest_arms(figure, kind)
        return figure.joints()
    height, front = draw.between(-0.35, 0.25), draw.between(0.25, 0.45)
    holding = draw.side()
    for side in SIDES:
        if side == holding or draw.chance(0.7):
            at = figure.shoulders[side].mean(axis=0) + np.array([0, -front, height])
            figure.hand_at(side, np.broadcast_to(at, (len(phase), 3)), vector(OUTWARD[side] * 0.5, 0.3, -1))
        else:
            (hang if draw.chance(0.6) else hand_on_hip)(figure, side)
    return figure.joints()


def _seated_calf_raise(figure: Figure, rise: Array) -> Array:
    draw, body = figure.draw, figure.body
    sit(figure)
    figure.trunk()
    width, front = draw.between(0.08, 0.2) * body.k, draw.between(0.3, 0.45) * body.k
    for side in SIDES:
        ankle = vector(OUTWARD[side] * width, -front, body.ankle_height + rise)
        figure.foot(side, ankle, vector(0, -1, 1))
        figure.hand(side, vector(-0.03, draw.between(0.25, 0.4), -draw.between(0.25, 0.4)), vector(1, -0.4, -0.3))
    return figure.joints()
