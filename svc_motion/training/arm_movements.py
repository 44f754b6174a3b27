"""Curls, presses, pulls, rows and raises, standing, sitting or hanging, with both arms, one, or in turn."""

import numpy as np

from svc_motion.training.bases import arm_phases, hand_on_hip, hang, kneel, rest_arms, sit, stand, stand_or_sit
from svc_motion.training.figure import OTHER, OUTWARD, SIDES, Array, Draw, Figure, direction, vector


def bicep_curl(draw: Draw) -> Array:
    """Standing, sitting, inclined, preacher and concentration curls."""
    figure = Figure.new(draw)
    kind = draw.pick({"stand": 0.68, "sit": 0.12, "incline": 0.07, "preacher": 0.08, "concentration": 0.05})
    (stand if kind == "stand" else sit)(figure)
    if kind in ("incline", "preacher", "concentration"):
        low, high = {"incline": (-40, -20), "preacher": (5, 20), "concentration": (25, 50)}[kind]
        figure.lean = draw.between(low, high)
    phase, number = draw.repetitions(0.8, 6)
    swing = draw.between(0, 14) if draw.chance(0.3) else 0.0
    figure.lean = figure.lean - swing * (phase - 0.5)
    figure.trunk()
    open_deg = draw.between(3, 65) if draw.chance(0.35) else draw.between(3, 28)
    closed_deg = draw.between(105, 150)
    aside, inward = np.sin(np.radians(draw.between(0, 14))), np.sin(np.radians(draw.between(-35, 15)))
    drift = draw.between(-6, 35) if draw.chance(0.6) else draw.between(-8, 8)
    start = {"preacher": (40, 60), "concentration": (-5, 15), "incline": (-5, 8)}.get(kind, (-22, 6))
    raised = draw.between(*start)
    mode, phases = arm_phases(draw, phase, number, 0.62, 0.18)
    for side, own in phases.items():
        if mode == "one" and not own.any():
            (hand_on_hip if draw.chance(0.3) else hang)(figure, side)
            continue
        upper_deg = np.radians(raised + drift * own + draw.sway(1.5))
        flexion = np.radians(open_deg + (closed_deg - open_deg) * own)
        fore_deg = upper_deg + flexion
        upper = vector(aside, np.sin(upper_deg), -np.cos(upper_deg))
        turn = np.radians(draw.between(0, 55)) if draw.chance(0.25) else 0.0
        out = aside + inward * np.sin(flexion) + np.sin(turn) * np.sin(fore_deg) * 0.8
        fore = vector(out, np.sin(fore_deg) * np.cos(turn), -np.cos(fore_deg))
        figure.arm(side, upper, fore, of_world=kind in ("incline", "concentration"))
    return figure.joints()


def shoulder_press(draw: Draw) -> Array:
    """Bar, dumbbells or machine, standing or seated, some with a push from the legs."""
    figure = Figure.new(draw)
    stand_or_sit(figure, 0.5)
    phase, number = draw.repetitions(0.8, 6)
    phase = phase if draw.chance(0.8) else phase * draw.between(0.6, 1)
    figure.lean = figure.lean - draw.between(0, 10) * (0.5 if draw.chance(0.5) else phase)
    if figure.hip[0, 2] > 0.7 * figure.body.k and draw.chance(0.12):
        dip = np.clip(1 - np.abs(phase - 0.1) * 6, 0, 1)
        figure.hip = figure.hip - vector(0, 0, draw.between(0.03, 0.12) * dip)
    figure.trunk()
    wide, narrow = draw.between(0, 0.26), draw.between(-0.15, 0.1)
    if draw.chance(0.45):  # hands on a bar keep their distance, dumbbells meet overhead
        wide = draw.between(-0.02, 0.2)
        narrow = wide + draw.between(-0.03, 0.03)
    low, high = draw.between(-0.12, 0.14), figure.body.arm * draw.between(0.86, 0.99)
    front, back = draw.between(-0.04, 0.2), draw.between(-0.1, 0.08)
    pole, bow = vector(draw.between(0.4, 1.2), draw.between(-0.3, 0.9), -1), draw.between(-0.02, 0.1)
    mode, phases = arm_phases(draw, phase, number, 0.8, 0.08)
    for side, own in phases.items():
        if mode == "one" and not own.any() and draw.chance(0.7):
            hang(figure, side)
            continue
        share = np.clip(own + draw.sway(0.01), 0, 1)
        out = wide + (narrow - wide) * share + bow * np.sin(np.pi * share)
        figure.hand(side, vector(out, front + (back - front) * share, low + (high - low) * share), pole)
    return figure.joints()


def pull_up(draw: Draw) -> Array:
    """Hanging from a bar, any grip, legs straight, bent or in front, often held at either end."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(1.0, 5, hold=0.35, least=0.3 if draw.chance(0.75) else 0.0)[0]
    bar, grip = 2.35 * k, draw.between(0.05, 0.42) * k
    hanging = np.sqrt(max(0.01, (body.arm * 0.985) ** 2 - grip**2 * 0.4))
    shoulder = bar - hanging + draw.between(0.28, 0.56) * k * phase
    figure.lean = draw.between(-14, 4) - draw.between(0, 22) * phase + draw.sway(3, 0.8)
    figure.bend = draw.between(-8, 4)
    swing = draw.sway(0.02, 0.5) + 0.03 - draw.between(-0.04, 0.12) * phase
    figure.hip = vector(draw.sway(0.008), swing, shoulder - body.spine * np.cos(np.radians(figure.lean)))
    figure.head_pitch = draw.between(-30, 10)
    figure.trunk()
    hanging_legs(figure)
    along = draw.between(-0.1, 0.04)
    for side in SIDES:
        pole = vector(OUTWARD[side] * draw.between(0.3, 1.2), draw.between(-0.6, 0.5), -1)
        figure.hand_at(side, vector(OUTWARD[side] * (grip + body.shoulder_half * 0.75), along, bar), pole)
    return figure.joints()


def hanging_legs(figure: Figure) -> None:
    """Legs that hang straight, bent behind, or in front."""
    draw = figure.draw
    kind = draw.pick({"straight": 0.35, "bent": 0.55, "front": 0.1})
    for side in SIDES:
        out = OUTWARD[side]
        if kind == "straight":
            thigh = vector(out * draw.between(-0.02, 0.1), draw.between(-0.2, 0.15) + draw.sway(0.04), -1)
            figure.leg(side, thigh, vector(0, draw.between(0, 0.3) + draw.sway(0.04), -1))
        elif kind == "bent":
            thigh = vector(out * draw.between(-0.05, 0.1), draw.between(-0.35, 0.15) + draw.sway(0.05), -1)
            figure.leg(side, thigh, vector(0, draw.between(0.5, 2.5) + draw.sway(0.05), -1))
        else:
            raised = draw.between(0.2, 1.2)
            figure.leg(side, vector(0, -raised, -1), vector(0, draw.between(-raised, 0.3), -1))


def lat_pulldown(draw: Draw) -> Array:
    """Pulling a bar down to the chest, mostly seated."""
    figure = Figure.new(draw)
    kind = draw.rng.random()
    (sit if kind < 0.85 else kneel if kind < 0.93 else stand)(figure)
    phase = draw.repetitions(0.9, 5)[0]
    figure.lean = -draw.between(0, 14) - draw.between(0, 16) * phase
    figure.head_pitch = draw.between(-30, 10)
    figure.trunk()
    wide, narrow = draw.between(0.05, 0.4), draw.between(0.02, 0.42)
    if draw.chance(0.88):  # a bar or a handle keeps the distance of the hands
        wide = draw.between(0.08, 0.42) if draw.chance(0.8) else draw.between(-0.14, 0.06)
        narrow = wide + draw.between(-0.04, 0.04)
    high = np.sqrt(max(0.05, (figure.body.arm * draw.between(0.93, 0.99)) ** 2 - wide**2))
    low, front, back = draw.between(-0.15, 0.12), draw.between(-0.02, 0.22), draw.between(0.02, 0.22)
    pole = vector(draw.between(0.3, 1.2), draw.between(-0.8, 0.2), -1)
    for side in SIDES:
        offset = vector(wide + (narrow - wide) * phase, front + (back - front) * phase, high + (low - high) * phase)
        figure.hand(side, offset, pole)
    return figure.joints()


def lateral_raise(draw: Draw) -> Array:
    """Arms raised to the sides."""
    return _raise(draw, draw.between(65, 102), draw.between(68, 105), alternating=0.03)


def front_raise(draw: Draw) -> Array:
    """Arms raised to the front, to the shoulders or overhead."""
    top = draw.between(72, 115) if draw.chance(0.8) else draw.between(115, 170)
    return _raise(draw, draw.between(-10, 24), top, alternating=0.22)


def _raise(draw: Draw, plane_deg: float, top_deg: float, alternating: float) -> Array:
    figure = Figure.new(draw)
    stand_or_sit(figure, 0.14, 0.02)
    phase, number = draw.repetitions(0.8, 6, hold=0.22)
    figure.lean = figure.lean + (draw.between(0, 25) if draw.chance(0.2) else 0)
    figure.lean = figure.lean - (draw.between(0, 12) * (phase - 0.3) if draw.chance(0.25) else 0)
    figure.shrug = draw.between(0, 0.05) * phase
    figure.trunk()
    start = draw.between(2, 22)
    flex = draw.between(0, 18) if draw.chance(0.7) else draw.between(15, 50)
    one_load = plane_deg < 30 and draw.chance(0.35)
    body = figure.body
    mode, phases = arm_phases(draw, phase, number, 0.86 - alternating, alternating)
    for side, own in phases.items():
        if mode == "one" and not own.any():
            (hand_on_hip if draw.chance(0.4) else hang)(figure, side)
            continue
        raised = start + (top_deg - start) * own + draw.sway(1.5)
        if one_load:
            reach, angle = body.arm * 0.93, np.radians(raised)
            offset = vector(
                -body.shoulder_half + draw.between(0.02, 0.1), np.sin(angle) * reach + 0.03, -np.cos(angle) * reach
            )
            figure.hand(side, offset, vector(1, -0.2, -0.3))
            continue
        plane = plane_deg + draw.sway(2)
        fore = direction(raised - draw.between(-4, 8), plane - flex - (8 if plane_deg > 45 else 0))
        figure.arm(side, direction(raised, plane), fore, of_world=draw.chance(0.5))
    return figure.joints()


def row(draw: Draw) -> Array:
    """Bent-over, one-armed and seated cable rows."""
    figure = Figure.new(draw)
    phase = draw.repetitions(0.8, 5)[0]
    kind = draw.pick({"bent": 0.5, "one_arm": 0.28, "cable": 0.22})
    if kind == "cable":
        _cable_row(figure, phase)
    elif kind == "one_arm" and draw.chance(0.65):
        _bench_row(figure, phase)
    else:
        _bent_row(figure, phase, kind == "one_arm")
    return figure.joints()


def _cable_row(figure: Figure, phase: Array) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    sit(figure)
    front = draw.between(0.5, 0.8) * k
    for side in SIDES:
        ankle = vector(OUTWARD[side] * draw.between(0.08, 0.18), -front, draw.between(0.12, 0.42) * k)
        figure.foot(side, ankle, vector(0, -0.6, 1))
    figure.lean = draw.between(-5, 30) * (1 - phase) - draw.between(0, 16) * phase
    figure.trunk()
    low, reach, out = -draw.between(0.12, 0.32), body.arm * draw.between(0.85, 0.97), draw.between(-0.1, 0.08)
    for side in SIDES:
        forward = reach + (draw.between(0, 0.14) - reach) * phase
        offset = vector(out, forward, -0.10 * (1 - phase) + low * phase)
        figure.hand(side, offset, vector(draw.between(0.1, 1), -0.8, -0.7))


def _bench_row(figure: Figure, phase: Array) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    working = draw.side()
    out, resting = OUTWARD[working], OTHER[working]
    bench = draw.between(0.42, 0.52) * k
    figure.hip = vector(draw.sway(0.005), 0.03, bench + body.thigh * 0.95)
    figure.lean, figure.twist = draw.between(62, 92), out * (draw.between(0, 8) - draw.between(0, 20) * phase)
    figure.trunk()
    figure.leg(resting, vector(0, -draw.between(-0.1, 0.2), -1), vector(0, 1, -0.05))
    foot = vector(out * draw.between(0.15, 0.35), draw.between(-0.05, 0.35), body.ankle_height)
    figure.foot(working, foot, vector(out * 0.3, -1, 0))
    support = vector(-out * 0.15, figure.neck[:, 1] - draw.between(-0.1, 0.15), bench + 0.03)
    figure.hand_at(resting, support, vector(-out * 0.6, 0.6, 0))
    height = -body.arm * 0.97 + (body.arm * 0.97 - draw.between(0.2, 0.34)) * phase
    offset = vector(0.05, draw.between(-0.15, 0.05) * phase + 0.05 * (1 - phase), height)
    figure.hand(working, offset, vector(0.3, -1, 0.5), of_world=True)


def _bent_row(figure: Figure, phase: Array, one_arm: bool) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    working = draw.side()
    extension, stance = draw.between(0.86, 0.98), draw.between(0.08, 0.24)
    figure.hip = vector(draw.sway(0.005), draw.between(0.05, 0.22), body.ankle_height + body.leg * extension)
    figure.lean = draw.between(28, 85) - draw.between(0, 14) * phase
    figure.bend, figure.head_pitch = draw.between(-4, 12), -draw.between(0, 55)
    figure.twist = -OUTWARD[working] * draw.between(0, 25) * phase if one_arm else 0.0
    figure.trunk()
    stagger = draw.between(0.1, 0.35) if one_arm or draw.chance(0.15) else 0.0
    grip, close, forward = draw.between(-0.02, 0.22), draw.between(0.16, 0.34), -draw.between(0, 0.24)
    pole = vector(draw.between(0.1, 1.1), -1, 0.7)
    for side in SIDES:
        ankle = vector(OUTWARD[side] * stance * k, stagger * OUTWARD[side] * OUTWARD[working], body.ankle_height)
        figure.foot(side, ankle, vector(OUTWARD[side] * 0.2, -1, 0.05))
        if one_arm and side != working:
            idle = vector(-0.02, draw.between(0, 0.2), -body.arm * draw.between(0.75, 0.98))
            figure.hand(side, idle, vector(0.5, -1, 0), of_world=True)
            continue
        height = -body.arm * 0.98 + (body.arm * 0.98 - close) * phase
        offset = vector(grip, forward * phase + draw.between(-0.02, 0.08) * (1 - phase), height)
        figure.hand(side, offset, pole, of_world=True)


def triceps_extension(draw: Draw) -> Array:
    """Overhead extensions and push-downs."""
    figure = Figure.new(draw)
    overhead = draw.chance(0.55)
    stand_or_sit(figure, 0.35 if overhead else 0.0)
    phase, number = draw.repetitions(0.8, 5)
    figure.lean = figure.lean if overhead else draw.between(0, 28)
    figure.trunk()
    mode, phases = arm_phases(draw, phase, number, 0.75, 0.05)
    bend_deg = draw.between(70, 115)
    for side, own in phases.items():
        if mode == "one" and not own.any():
            (hang if draw.chance(0.6) else hand_on_hip)(figure, side)
            continue
        if overhead:
            upper = direction(draw.between(150, 180) + draw.sway(2) + draw.between(-8, 8) * own, draw.between(0, 60))
            angle, inward = np.radians(draw.between(5, 25) + (1 - own) * bend_deg), draw.between(-0.5, 0.1)
            c, s = np.cos(angle), np.sin(angle)
            figure.arm(side, upper, vector(upper[:, 0] * c + inward * s, upper[:, 1] * c - s, upper[:, 2] * c))
        else:
            raised = np.radians(draw.between(-12, 18) + draw.between(-8, 3) * own)
            fore = raised + np.radians(5 + bend_deg * (1 - own))
            figure.arm(side, vector(0.1, np.sin(raised), -np.cos(raised)), vector(-0.08, np.sin(fore), -np.cos(fore)))
    return figure.joints()


def resting(draw: Draw) -> Array:
    """Standing or sitting with still arms."""
    figure = Figure.new(draw)
    stand_or_sit(figure)
    figure.trunk()
    rest_arms(figure, draw.pick({"hang": 3, "hips": 1, "chest": 1, "crossed": 1, "head": 0.5}))
    return figure.joints()
