"""Sit-ups and crunches, leg raises, side planks and mountain climbers."""

import numpy as np

from svc_motion.training.bases import hand_on_hip, rest_arms
from svc_motion.training.figure import (
    OTHER,
    OUTWARD,
    SIDES,
    Array,
    Draw,
    Figure,
    Limb,
    Side,
    Value,
    direction,
    unit,
    vector,
)


def face_up(elevation: Value) -> Value:
    """Lean of a trunk whose head end is this many degrees above level, face up."""
    return -(90 - elevation)


def sit_up(draw: Draw) -> Array:
    """Sit-ups and crunches, knees bent, straight or in the air, on the floor or a sloping bench."""
    figure = Figure.new(draw)
    k = figure.body.k
    phase = draw.repetitions(0.8, 5)[0]
    crunch = draw.chance(0.45)
    sloping = 0.0 if draw.chance(0.88) else draw.between(12, 30)
    ground = 0.1 * k + (0.0 if not sloping else draw.between(0.35, 0.6) * k)
    figure.hip = vector(draw.sway(0.004), draw.sway(0.006), ground)
    if crunch:
        raised = draw.between(0, 6) + draw.between(2, 16) * phase
        figure.bend = draw.between(0, 6) + draw.between(18, 48) * phase
    else:
        raised = draw.between(0, 12) + draw.between(48, 98) * phase
        figure.bend = draw.between(-2, 8) + draw.between(5, 35) * np.sin(np.pi * np.clip(phase, 0, 1))
    figure.lean = face_up(raised - sloping)
    figure.head_pitch = draw.between(0, 35)
    figure.trunk()
    _sit_up_legs(figure, crunch, sloping)
    _sit_up_arms(figure, phase)
    return figure.joints()


def _sit_up_legs(figure: Figure, crunch: bool, sloping: float) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    kind = draw.pick({"bent": 0.68, "straight": 0.1, "table": 0.22 if crunch else 0.05, "butterfly": 0.05})
    kind = "bent" if sloping else kind
    front, apart = draw.between(0.35, 0.62) * k, draw.between(0.06, 0.2)
    height = float(figure.hip[:, 2].mean())
    for side in SIDES:
        out = OUTWARD[side] * apart
        if kind == "table":
            figure.leg(side, vector(out * 0.3, -draw.between(-0.1, 0.5), 1), vector(0, -1, draw.between(-0.2, 0.2)))
        elif kind == "straight":
            figure.leg(side, vector(out, -1, draw.between(0, 0.05)), vector(out * 0.5, -1, 0.0))
        elif kind == "butterfly":
            figure.foot(side, vector(OUTWARD[side] * 0.04, -front, 0.08), vector(OUTWARD[side], -0.2, 0.35))
        else:
            foot = body.ankle_height + (height - 0.1 * k + np.sin(np.radians(sloping)) * front)
            figure.foot(side, vector(out, -front, foot), vector(OUTWARD[side] * draw.between(0, 0.3), -0.3, 1))


def _sit_up_arms(figure: Figure, phase: Array) -> None:
    draw, body = figure.draw, figure.body
    kind = draw.pick({"head": 0.42, "crossed": 0.2, "knees": 0.22, "chest": 0.08, "swing": 0.08})
    if kind in ("head", "crossed", "chest"):
        rest_arms(figure, kind)
        return
    start, end = (draw.between(30, 80), draw.between(70, 100)) if kind == "knees" else (draw.between(150, 178), 85.0)
    for side in SIDES:
        raised = start + (end - start) * phase + draw.sway(2)
        upper = direction(raised, draw.between(-5, 15))
        figure.arm(side, upper, direction(raised + draw.between(-10, 12) * body.k, draw.between(-10, 10)))


def leg_raise(draw: Draw) -> Array:
    """Lying, hanging from a bar or supported on the forearms; both legs, straight or bent."""
    if draw.chance(0.62):
        return _lying_leg_raise(draw)
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase, number = draw.repetitions(0.8, 5)
    hanging = draw.chance(0.65)
    shoulder = 2.35 * k - body.arm * 0.95 if hanging else 1.75 * k
    figure.lean = draw.between(-12, 4) - draw.between(-4, 18) * phase + draw.sway(2, 0.8)
    swing = draw.sway(0.02, 0.5) - draw.between(-0.05, 0.1) * phase
    figure.hip = vector(draw.sway(0.006), swing, shoulder - body.spine * np.cos(np.radians(figure.lean)))
    figure.trunk()
    grip = draw.between(0.0, 0.25) * k
    for side in SIDES:
        if hanging:
            point = vector(OUTWARD[side] * (grip + body.shoulder_half), draw.between(-0.08, 0.06), 2.35 * k)
            figure.hand_at(side, point, vector(OUTWARD[side], -0.2, -0.5))
        else:
            fore = direction(draw.between(75, 100), draw.between(-15, 15))
            figure.arm(side, direction(draw.between(-8, 15), 20), fore)
    _raised_legs(figure, phase, number, draw.between(-5, 12), draw.between(65, 125))
    return figure.joints()


def _lying_leg_raise(draw: Draw) -> Array:
    figure = Figure.new(draw)
    phase, number = draw.repetitions(0.8, 5)
    bench = (0.1 if draw.chance(0.85) else draw.between(0.42, 0.52)) * figure.body.k
    lift = draw.between(0, 0.12) * np.clip(phase - 0.6, 0, 1) if draw.chance(0.2) else 0 * phase
    figure.hip, figure.lean = vector(draw.sway(0.003), 0, bench + lift), face_up(draw.between(-2, 8) - 40 * lift)
    figure.head_pitch = draw.between(-5, 25)
    figure.trunk()
    arms = draw.pick({"sides": 0.6, "head": 0.15, "above": 0.17, "propped": 0.08})
    for side in SIDES:
        if arms == "sides":
            raised = draw.between(5, 30)
            figure.arm(side, direction(raised, draw.between(60, 100)), direction(raised, draw.between(20, 60)))
        elif arms == "above":
            figure.arm(side, direction(draw.between(130, 175), 40), direction(draw.between(150, 200), 20))
        elif arms == "head":
            figure.hand(side, vector(-0.08, -0.02, 0.18), vector(1, 0.2, 0.1))
        else:
            figure.hand(side, vector(0.02, -0.05, -draw.between(0.3, 0.42)), vector(1, -0.8, -0.2))
    _raised_legs(figure, phase, number, draw.between(90, 108), draw.between(135, 188))
    return figure.joints()


def _raised_legs(figure: Figure, phase: Array, number: Array, low_deg: float, high_deg: float) -> None:
    """Thighs from one angle to the other, 0° hanging, 90° to the front, 180° upwards."""
    draw = figure.draw
    knees = draw.between(0, 25) if draw.chance(0.68) else draw.between(60, 125)
    resting, first = draw.between(0, 15), draw.side()
    alternating = draw.chance(0.08)
    for side in SIDES:
        own = phase * ((number % 2 == 0) == (side == first)) if alternating else phase
        thigh = np.radians(low_deg + (high_deg - low_deg) * own + draw.sway(1.5))
        flexion = np.radians(resting + (knees - resting) * own)
        out = OUTWARD[side] * draw.between(0, 0.1)
        shank = thigh - flexion
        figure.leg(side, vector(out, -np.sin(thigh), -np.cos(thigh)), vector(out * 0.5, -np.sin(shank), -np.cos(shank)))


def side_plank(draw: Draw) -> Array:
    """On a forearm or a hand, held still or with the hip dipping, legs straight or on the knees."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    low: Side = draw.side()
    sign, high = OUTWARD[low], OTHER[low]
    on_hand, on_knees = draw.chance(0.35), draw.chance(0.12)
    dip = draw.repetitions(0.9, 4)[0] if draw.chance(0.25) else np.clip(draw.sway(draw.between(0, 0.1), 0.3), -1, 1)
    leg = body.thigh if on_knees else body.leg
    shoulder = (body.arm if on_hand else body.upper_arm) * draw.between(0.9, 0.99) + 0.04
    pivot, length = 0.09 * k, leg + body.spine
    slope = float(np.arcsin(np.clip((shoulder - pivot) / length, 0.05, 0.7)))
    sag = draw.between(-0.04, 0.05) + draw.between(0.06, 0.2) * dip
    hip = vector(0, 0, pivot + np.sin(slope) * leg + body.hip_half - sag)
    foot_x = -sign * np.cos(slope) * leg * 0.99
    figure.hip = hip + vector(draw.sway(0.004), draw.sway(0.004), 0)
    figure.hip[:, 2] = np.maximum(figure.hip[:, 2], 0.1 * k)
    neck = shoulder + 0.9 * body.shoulder_half
    rise = np.degrees(np.arcsin(np.clip((neck - figure.hip[:, 2]) / body.spine, -0.3, 0.8)))
    figure.roll = -sign * (90 - rise)
    figure.trunk()
    for side in SIDES:
        stacked = pivot + (2 * body.hip_half * draw.between(0.1, 0.6) if side == high else 0)
        ankle = vector(foot_x, draw.between(-0.1, 0.1) if side == high else 0, stacked)
        if on_knees:
            figure.leg(side, unit(ankle - figure.hips[side]), vector(0, 1, 0.02))
        else:
            figure.foot(side, ankle, vector(0, -1, 0))
    support = figure.shoulders[low]
    if on_hand:
        point = support * [1, 1, 0] + vector(sign * 0.05, draw.between(-0.06, 0.06), 0.04)
        figure.hand_at(low, point, vector(sign, 0, 0))
    else:
        figure.arms[low] = Limb("directions", vector(0, 0, -1), vector(sign * draw.between(-0.2, 0.5), -1, 0))
    kind = draw.pick({"hip": 0.45, "up": 0.35, "side": 0.2})
    if kind == "hip":
        hand_on_hip(figure, high)
    else:
        raised = draw.between(80, 105) if kind == "up" else draw.between(3, 25)
        figure.arm(high, direction(raised, 90), direction(raised + draw.between(-8, 8), 90))
    return figure.joints()


def mountain_climber(draw: Draw) -> Array:
    """A plank on the hands in which the knees drive to the chest in turn."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    hands_up = (draw.between(0.15, 0.5) if draw.chance(0.12) else 0.0) * k
    shoulder = body.arm * draw.between(0.93, 0.985) + 0.05 + hands_up
    pivot, length = 0.115 * k, body.leg + body.spine
    slope = float(np.arcsin(np.clip((shoulder - pivot) / length, -0.2, 0.8)))
    pike = draw.between(-0.02, 0.14) + draw.sway(0.01)
    phases = _climbing(draw)
    bob = draw.between(0, 0.04) * (phases["L"] + phases["R"])
    ankle = vector(0, 0, pivot)
    along, up = vector(0, -np.cos(slope), np.sin(slope)), vector(0, np.sin(slope), np.cos(slope))
    neck = ankle + along * length
    figure.hip = ankle + along * body.leg * 0.985 + up * (pike + bob)[:, None] + vector(draw.sway(0.006), 0, 0)
    spine = unit(neck - figure.hip)
    figure.lean = 90 - np.degrees(np.arcsin(np.clip(spine[:, 2], -1, 1)))
    figure.bend, figure.head_pitch = draw.between(-4, 10), draw.between(-45, 10)
    figure.trunk()
    reach, lift = draw.between(0.35, 0.75) * body.leg, draw.between(0.02, 0.22) * k
    cross = draw.between(-0.25, 0.1) if draw.chance(0.25) else 0.0
    under, width = float(figure.neck[:, 1].mean()) + draw.between(-0.08, 0.1), draw.between(0.12, 0.28) * k
    for side in SIDES:
        out, own = OUTWARD[side], phases[side]
        forward = vector(out * (draw.between(0.04, 0.14) + cross * own), -reach * own, pivot + lift * own)
        figure.foot(side, forward, vector(out * draw.between(0, 0.4), -0.6, -1 + 0.7 * own))
        figure.hand_at(side, vector(out * width, under, 0.05 + hands_up), vector(out * 0.6, 0.7, 0.35))
    return figure.joints()


def _climbing(draw: Draw) -> dict[Side, Array]:
    """Phases of the knees: running in turn without a break, or one after the other."""
    first = draw.side()
    if draw.chance(0.6):
        phase, number = draw.repetitions(0.28, 1.2, hold=0)
        turn = 0.5 * phase * np.where(number % 2 == 0, 1, -1)
        return {first: 0.5 + turn, OTHER[first]: 0.5 - turn}
    phase, number = draw.repetitions(0.5, 2.2, hold=0.03)
    return {side: phase * ((number % 2 == 0) == (side == first)) for side in SIDES}
