"""What surrounds a set: getting into place, gripping, un-racking, lying down, picking up, tying a shoe, drinking.

Each is a way from one pose to another, walked once: the joints move as far as in an exercise, but without a rhythm.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from svc_motion.training.figure import FPS, SAMPLES, Array, Body, Draw, Figure
from svc_motion.training.keyframes import (
    Pose,
    all_fours,
    bent_over,
    both,
    crouch,
    gripping,
    kneeling,
    passage,
    posed,
    prone,
    seated,
    standing,
    supine,
)

Way = Callable[[Draw, Body], list[Pose]]


def _floor_up(draw: Draw, body: Body) -> list[Pose]:
    """Stand, kneel, all fours, plank: getting down to the floor or up again."""
    upright, fours = standing(draw, body), all_fours(draw, body)
    ways = [
        [upright, kneeling(draw, body, one=True), kneeling(draw, body), fours],
        [kneeling(draw, body), fours, prone(draw, body, fours)],
        [upright, crouch(draw, body), fours],
        [upright, crouch(draw, body), seated(draw, body, 0.1), supine(draw, body, 0.1)],
        [fours, prone(draw, body, fours, low=True)],
    ]
    return ways[int(draw.rng.integers(len(ways)))]


def _bench(draw: Draw, body: Body) -> list[Pose]:
    """Stand, sit down, lie back; or the first or last part of it alone."""
    sitting = seated(draw, body)
    poses = [standing(draw, body).moved(0.35), sitting, supine(draw, body, sitting.hip[2])]
    kept = draw.pick({"all": 0.3, "sit": 0.4, "lie": 0.3})
    return poses if kept == "all" else poses[:2] if kept == "sit" else poses[1:]


def _pick_up(draw: Draw, body: Body) -> list[Pose]:
    """Bend or crouch to a weight, grip it, straighten; or put it down."""
    low = bent_over(draw, body) if draw.chance(0.7) else replace(crouch(draw, body), lean=draw.between(20, 60))
    shifted = replace(low, hands=both(draw.between(0.05, 0.4), draw.between(0, 0.3), draw.between(0.05, 0.4)))
    return [standing(draw, body), low, shifted][int(draw.rng.integers(2)) :]


def _bar(draw: Draw, body: Body) -> list[Pose]:
    """Walk to a bar, grip it, take it out of the rack and step back."""
    upright, grip = standing(draw, body), gripping(draw, body)
    step = -draw.between(0.05, 0.35)
    return [upright.moved(-draw.between(0.1, 0.4)), grip, grip.moved(step, draw.between(0, 0.06)), grip.moved(step)]


def _ready(draw: Draw, body: Body) -> list[Pose]:
    """Hands brought together, to the shoulders, to the hips or out in front before the first repetition."""
    upright = standing(draw, body)
    chest = upright.hip[2] + body.spine - draw.between(0, 0.25)
    places = [
        both(draw.between(0, 0.06), draw.between(0.12, 0.3), chest),
        both(body.shoulder_half + draw.between(-0.04, 0.2), draw.between(-0.05, 0.18), chest + 0.05),
        both(body.hip_half + 0.08, 0.02, upright.hip[2] + 0.08),
        both(draw.between(0, 0.2), draw.between(0.4, 0.6), chest),
    ]
    place = places[int(draw.rng.integers(len(places)))]
    return [upright, replace(upright, hands=place, elbows=(0.7, draw.between(-0.3, 0.6), -0.8))]


def _shoe(draw: Draw, body: Body) -> list[Pose]:
    """Hands at a foot, crouched, kneeling or bent, busy."""
    base = draw.pick({"kneel": 0.5, "crouch": 0.25, "bent": 0.25})
    pose = (
        kneeling(draw, body, one=True)
        if base == "kneel"
        else crouch(draw, body)
        if base == "crouch"
        else bent_over(draw, body)
    )
    front = max(foot[1] for foot in pose.feet)
    tying = replace(pose, lean=draw.between(45, 85), hands=both(0.04, front + 0.05, draw.between(0.08, 0.2)))
    return [pose, tying, replace(tying, hands=both(0.08, front + 0.02, 0.2))]


def _drink(draw: Draw, body: Body) -> list[Pose]:
    """A hand to the face and back; wiping the face, fixing the hair or clothes."""
    pose = standing(draw, body) if draw.chance(0.7) else seated(draw, body)
    head = pose.hip[2] + body.spine + draw.between(-0.1, 0.3)
    raised = (draw.between(-0.05, 0.12), draw.between(0.08, 0.2), head)
    other = raised if draw.chance(0.3) else pose.hands[1]
    taken = replace(pose, hands=(raised, other))
    return [pose, taken, replace(taken, head_pitch=-draw.between(0, 30))]


def _lie(draw: Draw, body: Body) -> list[Pose]:
    """Lying still on the back, the side of the bench or the belly, the arms moving a little."""
    back = supine(draw, body)
    fours = all_fours(draw, body)
    still = back if draw.chance(0.75) else prone(draw, body, fours, low=True)
    return [still, replace(still, hands=both(draw.between(0, 0.3), draw.between(-0.5, 0.2), still.hip[2] + 0.15))]


WAYS: dict[str, tuple[float, Way]] = {
    "floor": (0.18, _floor_up),
    "bench": (0.17, _bench),
    "pick_up": (0.06, _pick_up),
    "bar": (0.13, _bar),
    "ready": (0.15, _ready),
    "shoe": (0.08, _shoe),
    "drink": (0.08, _drink),
    "lie": (0.1, _lie),
}
"""Share and poses of each kind."""


def setting_up(draw: Draw) -> Array:
    """One of them, begun, in its middle or just done; hands restless, some steps meanwhile."""
    figure = Figure.new(draw)
    poses = WAYS[draw.pick({name: share for name, (share, _) in WAYS.items()})][1](draw, figure.body)
    joints = posed(figure, poses, passage(draw, len(poses)), unrest_m=draw.between(0.004, 0.03))
    if draw.chance(0.3):
        drift = np.arange(SAMPLES) / FPS * draw.between(0, 0.5)
        joints = (
            joints + np.stack([draw.between(-1, 1) * drift, draw.between(-1, 1) * drift, 0 * drift], axis=-1)[:, None]
        )
    return np.asarray(joints, dtype=np.float64)
