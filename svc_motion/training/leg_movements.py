"""Squats, lunges, deadlifts and jumping jacks, each with the variants seen in gyms."""

import numpy as np

from svc_motion.training.bases import rest_arms
from svc_motion.training.figure import FPS, OTHER, OUTWARD, SAMPLES, SIDES, Array, Draw, Figure, direction, vector

SQUAT_ARMS = {
    "rise": 0.15, "bar_in_front": 0.2, "bar_on_back": 0.22, "chest": 0.15, "hang": 0.08,
    "head": 0.05, "crossed": 0.04, "hips": 0.03, "overhead": 0.02, "to_chest": 0.08,
}  # fmt: skip
LUNGE_ARMS = {
    "hang": 0.44, "hips": 0.2, "chest": 0.12, "bar_on_back": 0.14, "stretched": 0.05, "head": 0.05,
}  # fmt: skip


def squat(draw: Draw) -> Array:
    """Any squat, quarter to deep, arms and load in every common place."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.6, 7)[0] * draw.between(0.35, 1.0)
    stance, toes = draw.between(0.10, 0.34) * k, np.radians(draw.between(5, 45))
    top, lowest = body.ankle_height + body.leg * draw.between(0.97, 0.99), draw.between(0.30, 0.50) * k
    hop = draw.between(0.03, 0.2) * k * np.clip(1 - 6 * phase, 0, 1) if draw.chance(0.05) else 0 * phase
    height = top - phase * (top - lowest) + hop
    figure.hip = vector(draw.sway(0.006), 0.02 + draw.between(0.14, 0.32) * k * phase, height)
    lean = draw.between(15, 58)
    figure.lean = draw.between(-3, 8) + lean * phase ** draw.between(0.8, 1.3)
    figure.bend = draw.between(-4, 4) + draw.between(-5, 14) * phase
    figure.head_pitch = draw.between(-10, 15) - draw.between(0, 0.8) * lean * phase
    figure.roll = draw.between(-4, 4) * phase if draw.chance(0.3) else 0.0
    figure.trunk()
    cave = draw.between(-0.4, 0.7) if draw.chance(0.4) else 0.0
    for side in SIDES:
        out = OUTWARD[side]
        pole = vector(out * (np.sin(toes) - cave * phase), -np.cos(toes), 0.05)
        figure.foot(side, vector(out * stance, 0, body.ankle_height + hop), pole)
    _squat_arms(figure, phase)
    return figure.joints()


def _squat_arms(figure: Figure, phase: Array) -> None:
    draw, body = figure.draw, figure.body
    kind = draw.pick(SQUAT_ARMS)
    if kind == "rise":
        start, end = draw.between(4, 35), draw.between(60, 100)
        for side in SIDES:
            raised = start + (end - start) * np.clip(phase * draw.between(1, 1.6), 0, 1)
            upper = direction(raised, draw.between(-5, 25))
            figure.arm(side, upper, direction(raised + draw.between(0, 20), draw.between(-25, 0)), of_world=True)
    elif kind == "to_chest":
        share = np.clip(phase * draw.between(1, 2) + draw.between(-0.2, 0.1), 0, 1)
        front, up = draw.between(0.14, 0.35), -draw.between(0, 0.2)
        for side in SIDES:
            out = draw.between(0.04, 0.12) * (1 - share) + (-body.shoulder_half + draw.between(0.01, 0.06)) * share
            forward = draw.between(0, 0.12) * (1 - share) + front * share
            height = -body.arm * draw.between(0.9, 0.97) * (1 - share) + up * share
            figure.hand(side, vector(out, forward, height), vector(draw.between(0.2, 0.9), -0.3, -0.6))
    else:
        rest_arms(figure, kind)


def lunge(draw: Draw) -> Array:
    """Split, stepping, walking, Bulgarian and side lunges."""
    figure = Figure.new(draw)
    phase = draw.repetitions(0.9, 6)[0] * draw.between(0.55, 1)
    kind = draw.pick({"split": 0.35, "step": 0.35, "bulgarian": 0.17, "side": 0.07, "walk": 0.06})
    if kind == "side":
        _side_lunge(figure, phase)
    else:
        (_split_lunge if kind in ("split", "bulgarian") else _step_lunge)(figure, phase, kind)
        figure.lean = draw.between(-4, 12) + draw.between(-3, 28) * phase
    figure.trunk()
    rest_arms(figure, draw.pick(LUNGE_ARMS))
    return figure.joints()


def _side_lunge(figure: Figure, phase: Array) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    bent = draw.side()
    out, straight = OUTWARD[bent], OTHER[bent]
    narrow, wide = draw.between(0.1, 0.5) * k, draw.between(0.5, 0.7) * k
    top = body.ankle_height + body.leg * 0.95
    figure.hip = vector(out * wide * 0.6 * phase, 0.2 * phase, top - phase * draw.between(0.2, 0.42) * k)
    figure.lean = 5 + draw.between(15, 45) * phase
    figure.foot(bent, vector(out * (narrow + (wide - narrow) * phase), 0, body.ankle_height), vector(out * 0.5, -1, 0))
    still = vector(-out * draw.between(0.3, 0.45) * k, 0, body.ankle_height)
    figure.foot(straight, still, vector(-out * 0.3, -1, 0))


def _step_lunge(figure: Figure, phase: Array, kind: str) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    moving = draw.side()
    out, waiting = OUTWARD[moving], OTHER[moving]
    reach, width = (draw.between(0.3, 0.55) + draw.between(0.3, 0.6)) * k, draw.between(0.06, 0.14) * k
    top, drop = body.ankle_height + body.leg * 0.98, draw.between(0.25, 0.42) * k * phase
    share = np.clip(phase * draw.between(1.2, 2.2), 0, 1)
    lift = 0.12 * np.sin(np.pi * share)
    forwards = draw.chance(0.5)
    front = -reach * 0.95 * share if forwards else 0 * phase
    back = 0 * phase if forwards else reach * 0.95 * share
    follow = -0.5 * draw.between(0.8, 1.1) if forwards else 0.45
    height = np.minimum(top, top - drop - 0.05 * share * k)
    drift = -np.arange(SAMPLES) / FPS * draw.between(0.2, 0.6) if kind == "walk" else 0 * phase
    figure.hip = vector(draw.sway(0.01), reach * follow * share + drift, height)
    raised = lift if forwards else 0 * lift
    figure.foot(moving, vector(out * width, front + drift, body.ankle_height + raised), vector(out * 0.1, -1, 0.1))
    heel = body.ankle_height + 0.1 * k * share + (0 if forwards else lift)
    figure.foot(waiting, vector(-out * width, back + drift, heel), vector(-out * 0.1, -1, -0.05))


def _split_lunge(figure: Figure, phase: Array, kind: str) -> None:
    draw, body, k = figure.draw, figure.body, figure.body.k
    leading = draw.side()
    out, behind = OUTWARD[leading], OTHER[leading]
    front, width = draw.between(0.3, 0.55) * k, draw.between(0.06, 0.14) * k
    back = (draw.between(0.35, 0.6) if kind == "bulgarian" else draw.between(0.3, 0.6)) * k
    heel = body.ankle_height + (draw.between(0.35, 0.52) if kind == "bulgarian" else 0.10) * k
    top = body.ankle_height + body.leg * 0.98
    start = min(top, body.ankle_height + np.sqrt(max(0.2, (body.leg * 0.985) ** 2 - (front * 0.6) ** 2)))
    along = -front * draw.between(0, 0.35) + back * draw.between(0, 0.2) - draw.between(-0.05, 0.1) * phase
    figure.hip = vector(draw.sway(0.01), along, start - draw.between(0.25, 0.42) * k * phase)
    figure.foot(leading, vector(out * width, -front, body.ankle_height), vector(out * 0.1, -1, 0.1))
    figure.foot(behind, vector(-out * width, back, heel), vector(-out * 0.1, -1, -0.3))


def deadlift(draw: Draw) -> Array:
    """Conventional, sumo and Romanian deadlifts, and partial ones."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase = draw.repetitions(0.8, 8, least=0.3)[0]
    phase = (1 - phase if draw.chance(0.5) else phase) * draw.between(0.75, 1)
    kind = draw.pick({"conventional": 0.42, "sumo": 0.22, "romanian": 0.26, "partial": 0.10})
    stance = {"conventional": (0.08, 0.18), "sumo": (0.3, 0.48), "romanian": (0.08, 0.16), "partial": (0.08, 0.3)}[kind]
    sink = {"conventional": (0.14, 0.34), "sumo": (0.22, 0.38), "romanian": (0.03, 0.12), "partial": (0.03, 0.2)}[kind]
    lean = draw.between(*{"conventional": (48, 85), "sumo": (32, 65), "romanian": (50, 92), "partial": (25, 60)}[kind])
    width, toes = draw.between(*stance) * k, np.radians(draw.between(25, 50) if kind == "sumo" else draw.between(0, 20))
    top = body.ankle_height + body.leg * draw.between(0.97, 0.99)
    if kind == "sumo":
        top = body.ankle_height + np.sqrt(max(0.1, (body.leg * 0.985) ** 2 - (width - body.hip_half) ** 2))
    figure.hip = vector(
        draw.sway(0.004), 0.02 + draw.between(0.10, 0.28) * k * phase, top - draw.between(*sink) * k * phase
    )
    figure.lean = draw.between(-5, 4) + lean * phase * draw.between(0.75, 1)
    figure.bend = draw.between(-3, 4) + draw.between(-5, 25) * phase
    figure.head_pitch = draw.between(-5, 10) - draw.between(0, 0.7) * lean * phase
    figure.trunk()
    grip = (-draw.between(0.02, 0.12) if kind == "sumo" else draw.between(0, 0.12)) * k
    forward = draw.between(0, 0.16)
    for side in SIDES:
        out = OUTWARD[side]
        figure.foot(side, vector(out * width, 0, body.ankle_height), vector(out * np.sin(toes), -np.cos(toes), 0.05))
        upper = vector(grip / body.arm * 1.2 + 0.03, -forward * phase - 0.02 + 0.05 * (1 - phase), -1)
        fore = vector(grip / body.arm, -forward * phase * 0.8 + 0.08 * (1 - phase), -1)
        figure.arm(side, upper, fore, of_world=True)
    return figure.joints()


def jumping_jack(draw: Draw) -> Array:
    """Jumping and stepping jacks; some raise the arms only to the shoulders."""
    figure = Figure.new(draw)
    body, k = figure.body, figure.body.k
    phase, number = draw.repetitions(0.6, 2.6, hold=0.03)
    narrow, wide = draw.between(0.03, 0.14) * k, draw.between(0.28, 0.52) * k
    width = narrow + (wide - narrow) * phase
    hop = draw.between(0, 0.12) * k * np.abs(np.sin(np.pi * phase))
    reach = (body.leg * draw.between(0.94, 0.985)) ** 2 - np.maximum(width - body.hip_half, 0) ** 2
    height = body.ankle_height + np.sqrt(np.maximum(0.1, reach))
    figure.hip, figure.lean = vector(draw.sway(0.01), draw.sway(0.01), height + hop), draw.between(-4, 8)
    figure.trunk()
    stepping = draw.chance(0.1)
    for side in SIDES:
        apart = np.where((number % 2 == 0) == (side == "L"), width, narrow) if stepping else width
        ankle = vector(OUTWARD[side] * apart, 0, body.ankle_height + hop)
        figure.foot(side, ankle, vector(OUTWARD[side] * 0.3, -1, 0.05))
    low, high = draw.between(3, 30), draw.between(120, 178) if draw.chance(0.85) else draw.between(75, 120)
    plane, flex, offset = draw.between(60, 105), draw.between(0, 50), 5 if draw.chance(0.5) else -10
    lag = int(draw.rng.integers(0, 2))
    late = np.concatenate([np.full(lag, phase[0]), phase[: SAMPLES - lag]])
    for side in SIDES:
        raised = low + (high - low) * late
        fore = direction(np.minimum(raised + flex * late + offset, 200), plane)
        figure.arm(side, direction(raised + draw.sway(2), plane), fore)
    return figure.joints()
