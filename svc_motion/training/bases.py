"""Where movements start from: standing, sitting, kneeling, lying, and what idle arms do."""

import numpy as np

from svc_motion.training.figure import OUTWARD, SIDES, Draw, Figure, Side, direction, vector


def stand(figure: Figure, extension: float = 0.985) -> None:
    """Upright on both feet, legs this share of their length."""
    draw, body = figure.draw, figure.body
    figure.feet()
    height = body.ankle_height + body.leg * extension
    figure.hip = vector(draw.sway(0.01), draw.sway(0.01) + draw.between(-0.02, 0.03), height)
    figure.lean, figure.bend = draw.between(-6, 8), draw.between(-5, 6)


def sit(figure: Figure) -> None:
    """On a bench, feet in front."""
    draw, body = figure.draw, figure.body
    figure.hip = vector(draw.sway(0.004), draw.sway(0.004), draw.between(0.42, 0.55) * body.k)
    figure.lean, figure.bend = draw.between(-18, 10), draw.between(-4, 8)
    width, front = draw.between(0.08, 0.28) * body.k, draw.between(0.25, 0.5) * body.k
    for side in SIDES:
        ankle = vector(OUTWARD[side] * width, -front, body.ankle_height + draw.between(0, 0.04))
        figure.foot(side, ankle, vector(OUTWARD[side] * draw.between(0, 0.5), -1, 0.8))


def kneel(figure: Figure) -> None:
    """On both knees, or on one."""
    draw, body = figure.draw, figure.body
    figure.hip = vector(draw.sway(0.005), draw.sway(0.005), body.thigh + 0.06)
    figure.lean = draw.between(-4, 10)
    for side in SIDES:
        figure.leg(side, vector(0, -0.05, -1), vector(0, 1, -0.05))
    if draw.chance(0.4):
        figure.leg(draw.side(), vector(0, -1, -0.05), vector(0, 0.05, -1))


def stand_or_sit(figure: Figure, sitting: float = 0.25, kneeling: float = 0.06) -> None:
    """One of the three by chance."""
    kind = figure.draw.rng.random()
    (sit if kind < sitting else kneel if kind < sitting + kneeling else stand)(figure)


def lie(figure: Figure) -> float:
    """On the back on a bench that may be inclined; returns its inclination in degrees."""
    draw, body = figure.draw, figure.body
    k = body.k
    bench = (draw.between(0.42, 0.5) if draw.chance(0.9) else 0.1) * k
    incline = 0.0 if draw.chance(0.65) else draw.between(10, 50)
    figure.hip, figure.lean = vector(draw.sway(0.002), 0, bench + 0.09 * k), -(90 - incline)
    figure.head_pitch = draw.between(-10, 25)
    figure.trunk()
    raised = draw.chance(0.06) or bench < 0.2 * k
    for side in SIDES:
        out = OUTWARD[side]
        if raised:
            ankle = figure.hip * [0, 1, 0] + vector(out * draw.between(0.08, 0.2), -draw.between(0.3, 0.5) * k, bench)
            figure.foot(side, ankle, vector(0, -0.3, 1))
        else:
            ankle = vector(out * draw.between(0.15, 0.42) * k, -draw.between(0.25, 0.5) * k, body.ankle_height)
            figure.foot(side, ankle, vector(out * draw.between(0, 0.6), -0.6, 1))
    return incline


def hang(figure: Figure, side: Side, raise_deg: float | None = None) -> None:
    """Let one arm hang."""
    draw = figure.draw
    raised = draw.between(3, 18) if raise_deg is None else raise_deg
    turned, flexed = draw.between(30, 110), draw.between(2, 25)
    raising = raised + draw.sway(2)
    figure.arm(side, direction(raising, turned), direction(raising + flexed * 0.6, turned - 50), of_world=True)


def hand_on_hip(figure: Figure, side: Side) -> None:
    """Put one hand on the hip."""
    figure.hand(side, vector(-0.02, 0.06, -(figure.body.spine - 0.08)), vector(1, -0.4, -0.1))


def rest_arms(figure: Figure, kind: str) -> None:
    """What both arms do while the legs work."""
    draw, half = figure.draw, figure.body.shoulder_half
    held, over = draw.between(75, 100), draw.between(160, 178)
    for side in SIDES:
        if kind == "hang":
            hang(figure, side)
        elif kind == "hips":
            hand_on_hip(figure, side)
        elif kind == "chest":
            offset = vector(-half + draw.between(0.02, 0.08), draw.between(0.15, 0.3), -draw.between(0.02, 0.22))
            figure.hand(side, offset, vector(0.5, 0, -1))
        elif kind == "bar_on_back":
            offset = vector(draw.between(0.02, 0.3), -draw.between(0, 0.1), draw.between(-0.06, 0.08))
            figure.hand(side, offset, vector(0.35, -draw.between(0.1, 0.8), -1))
        elif kind == "bar_in_front":
            offset = vector(draw.between(-0.05, 0.08), draw.between(0.08, 0.14), draw.between(-0.02, 0.05))
            figure.hand(side, offset, vector(0.3, 1, -draw.between(0.2, 1)))
        elif kind == "head":
            figure.hand(side, vector(-0.08, -0.02, 0.18), vector(1, 0.2, 0.1))
        elif kind == "crossed":
            figure.hand(side, vector(-2 * half + 0.05, 0.14, -0.03), vector(0.2, 1, -0.4))
        elif kind == "stretched":
            upper = direction(held + draw.sway(2), draw.between(-8, 12))
            figure.arm(side, upper, direction(held + draw.sway(2), draw.between(-20, 5)))
        else:
            figure.arm(side, direction(over + draw.sway(2), 60), direction(over + 3 + draw.sway(2), 60))


def arm_phases(
    draw: Draw, phase: np.ndarray, number: np.ndarray, both: float, alternating: float
) -> tuple[str, dict[Side, np.ndarray]]:
    """How the phase is shared between the arms: both, alternating, or one alone."""
    mode = draw.pick({"both": both, "alternating": alternating, "one": 1 - both - alternating})
    first = draw.side()
    if mode == "both":
        return mode, dict.fromkeys(SIDES, phase)
    if mode == "alternating":
        return mode, {side: phase * ((number % 2 == 0) == (side == first)) for side in SIDES}
    return mode, {side: phase * (side == first) for side in SIDES}
