"""What people do in a gym when they do not exercise: the class `none`."""

from collections.abc import Callable, Mapping

import numpy as np

from svc_motion.training.arm_movements import resting
from svc_motion.training.bases import hand_on_hip, hang, sit, stand
from svc_motion.training.figure import FPS, SAMPLES, SIDES, Array, Draw, Figure, Side, direction, vector
from svc_motion.training.setup_movements import setting_up

Movement = Callable[[Draw], Array]
KINDS = {
    "idle": 0.13, "walk": 0.15, "gesture": 0.11, "sit": 0.06, "stretch": 0.07, "random": 0.08,
    "transition": 0.05, "frozen": 0.05, "run": 0.03, "step": 0.02, "carry": 0.05, "setup": 0.20,
}  # fmt: skip


def idle(draw: Draw, standing_exercises: Mapping[str, Movement]) -> Array:
    """One of twelve ways not to exercise; frozen poses of exercises are among them. Some turn around meanwhile."""
    kind = draw.pick(KINDS)
    if kind == "setup":
        return setting_up(draw)
    if kind == "frozen":
        moving = standing_exercises[draw.pick(dict.fromkeys(standing_exercises, 1.0))](draw)
        still = np.repeat(moving[int(draw.rng.integers(SAMPLES))][None], SAMPLES, axis=0)
        trembling = np.stack([draw.sway(0.006, 0.4) for _ in range(3)], axis=-1)[:, None]
        return np.asarray(still + trembling, dtype=np.float64)
    joints = _walk(draw, kind) if kind in ("walk", "run", "step") else _stay(draw, kind)
    return _turning(draw, joints) if draw.chance(0.4) else joints


def _turning(draw: Draw, joints: Array) -> Array:
    turned = np.arange(SAMPLES) / FPS * draw.between(-1.2, 1.2) if draw.chance(0.6) else draw.sway(0.5, 0.3)
    c, s = np.cos(turned)[:, None], np.sin(turned)[:, None]
    centre = joints.mean(axis=1, keepdims=True) * [1, 1, 0]
    offset = joints - centre
    x, y = offset[..., 0], offset[..., 1]
    rotated = np.stack([x * c - y * s, x * s + y * c, offset[..., 2]], axis=-1)
    return np.asarray(rotated + centre, dtype=np.float64)


def _walk(draw: Draw, kind: str) -> Array:
    figure, time = Figure.new(draw), np.arange(SAMPLES) / FPS
    body = figure.body
    pace_hz = {"walk": draw.between(0.6, 1.15), "run": draw.between(1.2, 1.6), "step": draw.between(0.6, 1.5)}[kind]
    cycle = 2 * np.pi * pace_hz * time + draw.between(0, 6.3)
    swing_deg = draw.between(25, 45) if kind == "run" else draw.between(12, 30)
    speed = 0.0 if kind == "step" or draw.chance(0.3) else draw.between(0.3, 1.6)
    height = body.ankle_height + body.leg * 0.965 + 0.015 * np.cos(2 * cycle)
    figure.hip = vector(draw.sway(0.02) + draw.between(-0.25, 0.25) * time, -speed * time, height)
    figure.lean, figure.twist = draw.between(3, 15) if kind == "run" else draw.between(0, 8), 6 * np.sin(cycle)
    figure.trunk()
    knee_lift = np.radians(draw.between(15, 45)) if kind == "step" else 0.0
    knee_deg, arm_deg = draw.between(60, 110) if kind == "run" else draw.between(35, 65), draw.between(8, 30)
    flex_deg = draw.between(70, 100) if kind == "run" else draw.between(5, 30)
    arms = draw.pick({"swing": 0.62, "hang": 0.18, "rails": 0.12, "hold": 0.08})
    for side, offset in zip(SIDES, (0.0, np.pi), strict=True):
        hip = np.radians(swing_deg) * np.sin(cycle + offset) + knee_lift * np.clip(np.sin(cycle + offset), 0, 1)
        knee = np.radians(knee_deg) * np.clip(np.cos(cycle + offset), 0, 1) ** 1.2 + np.radians(6)
        figure.leg(side, vector(0, -np.sin(hip), -np.cos(hip)), vector(0, -np.sin(hip - knee), -np.cos(hip - knee)))
        _walking_arm(figure, side, arms, np.radians(-arm_deg * np.sin(cycle + offset)), np.radians(flex_deg))
    return figure.joints()


def _walking_arm(figure: Figure, side: Side, kind: str, upper: Array, flexion: float) -> None:
    """Swinging, hanging with a weight, on the rails of a treadmill, or holding something."""
    draw = figure.draw
    if kind == "hang":
        hang(figure, side)
    elif kind == "rails":
        offset = vector(0.05, draw.between(0.25, 0.42), -draw.between(0.28, 0.45))
        figure.hand(side, offset, vector(0.7, -0.6, -0.6))
    elif kind == "hold":
        offset = vector(-draw.between(0.02, 0.15), draw.between(0.15, 0.3), -draw.between(0.05, 0.3))
        figure.hand(side, offset, vector(0.6, 0, -1))
    else:
        fore = upper + flexion
        figure.arm(side, vector(0.12, np.sin(upper), -np.cos(upper)), vector(0.05, np.sin(fore), -np.cos(fore)))


def _stay(draw: Draw, kind: str) -> Array:
    if kind == "idle" and draw.chance(0.3):
        return resting(draw)
    figure = Figure.new(draw)
    figure.head_yaw, figure.head_pitch = draw.sway(25, 0.4), draw.between(-10, 30) + draw.sway(8, 0.4)
    if kind == "sit":
        sit(figure)
        figure.lean = draw.between(-15, 45) + draw.sway(4, 0.3)
    elif kind == "transition":
        _rise_or_sink(figure)
    else:
        stand(figure)
        figure.hip = figure.hip + vector(draw.sway(0.05, 0.35), draw.sway(0.05, 0.35), 0)
        figure.lean, figure.roll, figure.twist = figure.lean + draw.sway(4, 0.3), draw.sway(3, 0.3), draw.sway(8, 0.3)
    if kind == "stretch":
        time = np.arange(SAMPLES) / FPS
        bend = 1.0 if draw.chance(0.5) else np.clip(time * draw.between(0.3, 1), 0, 1)
        figure.roll, figure.bend = figure.roll + draw.between(-30, 30) * bend, draw.between(-15, 25)
    figure.trunk()
    for side in SIDES:
        _idle_arm(figure, side, kind)
    return figure.joints()


def _rise_or_sink(figure: Figure) -> None:
    """Sit down, stand up or bend once."""
    draw, body = figure.draw, figure.body
    time = np.arange(SAMPLES) / FPS
    share = 1 / (1 + np.exp(-(time - draw.between(0.2, 1.8)) * draw.between(2, 5)))
    share = share if draw.chance(0.5) else 1 - share
    figure.feet()
    top = body.ankle_height + body.leg * 0.98
    height = top - draw.between(0.2, 0.5) * body.k * share
    figure.hip = vector(draw.sway(0.02), draw.between(0, 0.4) * share, height)
    figure.lean = draw.between(0, 60) * np.sin(np.pi * np.clip(share, 0, 1)) + draw.between(-5, 40) * share


def _idle_arm(figure: Figure, side: Side, kind: str) -> None:
    draw, half = figure.draw, figure.body.shoulder_half
    if kind in ("idle", "sit", "transition"):
        if draw.chance(0.6):
            hang(figure, side)
        elif kind == "sit":
            offset = vector(-0.03, draw.between(0.2, 0.4), -draw.between(0.25, 0.42))
            figure.hand(side, offset, vector(1, -0.4, -0.3))
        elif draw.chance(0.5):
            hand_on_hip(figure, side)
        else:
            out = -half + draw.between(0, 0.1) + draw.sway(0.02)
            offset = vector(out, draw.between(0.12, 0.3) + draw.sway(0.02), -draw.between(0, 0.3) + draw.sway(0.03))
            figure.hand(side, offset, vector(0.6, 0, -1))
    elif kind == "gesture" and draw.chance(0.75):
        out, front = draw.between(-0.15, 0.12) + draw.sway(0.06, 0.8), draw.between(0.12, 0.4) + draw.sway(0.07, 0.8)
        figure.hand(side, vector(out, front, -draw.between(0.05, 0.45) + draw.sway(0.10, 0.8)), vector(0.6, -0.2, -1))
    elif kind == "gesture":
        hang(figure, side)
    elif kind in ("stretch", "carry"):
        raised = draw.between(60, 180) if kind == "stretch" else draw.between(5, 50)
        turned = draw.between(0, 100)
        fore = direction(raised + draw.between(0, 60) + draw.sway(6, 0.4), turned - draw.between(0, 60))
        figure.arm(side, direction(raised + draw.sway(5, 0.4), turned), fore)
    else:
        out, front = draw.between(-0.2, 0.4) + draw.sway(0.22, 0.7), draw.between(-0.05, 0.4) + draw.sway(0.2, 0.7)
        offset = vector(out, front, draw.between(-0.45, 0.35) + draw.sway(0.28, 0.7))
        figure.hand(side, offset, vector(draw.between(0.2, 1), draw.between(-1, 0.3), -1))
