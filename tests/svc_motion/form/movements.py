"""Exercises as poses over the phase, each with the faults that form analysis looks for; 0 means none of it."""

import numpy as np

from tests.svc_motion.form.bodies import (
    ANKLE_HEIGHT,
    LEG,
    OUTWARD,
    SHOULDER_HALF,
    SPINE,
    Array,
    Body,
    both,
    moved,
)

STAND = ANKLE_HEIGHT + LEG * 0.995
ARM = 0.545


def squat(
    phase: float,
    _: bool = False,
    *,
    depth: float = 1.0,
    cave: float = 0.0,
    lean_deg: float = 0.0,
    forward_m: float = 0.0,
    heel_lift_m: float = 0.0,
    shift_m: float = 0.0,
    rounded: float = 0.0,
    bent_at_top: float = 0.0,
) -> Array:
    """Arms raised; depth 1 is thighs level."""
    deep = bent_at_top + (1 - bent_at_top) * phase * depth
    hip = [shift_m * deep, (0.30 - forward_m) * deep, STAND - deep * (STAND - 0.48)]
    body = Body(hip, (40 + lean_deg) * deep, rounded=rounded * deep)
    toes = np.radians(18)
    body.legs(
        both(lambda out: [out * 0.19, 0, ANKLE_HEIGHT]),
        both(lambda out: [out * (np.sin(toes) - 1.4 * cave * deep), -np.cos(toes), 0]),
        heel_lift_m * deep,
    )
    for place, out in enumerate(OUTWARD):  # the feet stay where they point, also when the knees fall in
        floor = moved(body.joints[15 + place], 0, 0, -ANKLE_HEIGHT - 0.8 * heel_lift_m * deep)
        body.joints[19 + place] = floor + np.array([out * np.sin(toes), -np.cos(toes), 0]) * 0.16
    raised = np.radians(12 + 72 * min(1.0, deep * 1.4))
    body.arms(
        both(lambda out: [out * 0.12, -np.sin(raised), -np.cos(raised)]),
        both(lambda out: [-out * 0.1, -np.sin(raised), -np.cos(raised)]),
    )
    return body.joints


def lunge(
    phase: float,
    _: bool = False,
    *,
    inward: float = 0.0,
    forward_m: float = 0.0,
    lean_deg: float = 0.0,
    depth: float = 1.0,
) -> Array:
    """The left leg in front."""
    deep = phase * depth
    top = ANKLE_HEIGHT + np.sqrt((LEG * 0.99) ** 2 - 0.42**2)
    body = Body([0, -0.05 - forward_m * deep, top - deep * (top - 0.46)], 4 + lean_deg * deep)
    body.legs(
        [[0.1, -0.42, ANKLE_HEIGHT], [-0.1, 0.42, ANKLE_HEIGHT + 0.1]], [[-inward * deep, -1, 0.1], [0, -1, -0.2]]
    )
    _hang(body)
    return body.joints


def _hang(body: Body) -> None:
    body.arms(both(lambda out: [out * 0.14, 0, -1]), both(lambda out: [out * 0.05, -0.1, -1]))


def _standing(lean_deg: float = 0.0, *, shrug_m: float = 0.0, twist_deg: float = 0.0) -> Body:
    body = Body([0, 0, STAND], lean_deg, shrug_m=shrug_m, twist_deg=twist_deg)
    body.legs(both(lambda out: [out * 0.12, 0, ANKLE_HEIGHT]), both(lambda out: [out * 0.1, -1, 0]))
    return body


def deadlift(
    phase: float, _: bool = False, *, rounded: float = 0.0, drift_m: float = 0.0, bent_at_top: float = 0.0
) -> Array:
    """From standing down to the floor and up again, the bar over the middle of the feet."""
    deep = bent_at_top + (1 - bent_at_top) * phase
    body = Body([0, 0.26 * deep, STAND - 0.26 * deep], 70 * deep, rounded=rounded * deep)
    body.legs(both(lambda out: [out * 0.13, 0, ANKLE_HEIGHT]), both(lambda out: [out * 0.2, -1, 0]))
    bar = [-0.06 - drift_m * np.sin(np.pi * deep / 2), 0.30 + (1 - deep) * 0.48]
    body.hands(both(lambda out: [out * 0.2, bar[0], bar[1]]), both(lambda out: [out * 0.3, 1, 0]))
    return body.joints


def push_up(
    phase: float,
    ascending: bool = False,
    *,
    sag: float = 0.0,
    pike: float = 0.0,
    worm: float = 0.0,
    flare: bool = False,
    depth: float = 1.0,
) -> Array:
    """Head towards -Y. Worm: the hips stay down on the way up and follow late."""
    deep, length = phase * depth, LEG + SPINE
    ankle = np.array([0, length / 2, 0.115])
    slope = np.arcsin((0.575 - deep * 0.27 - ankle[2]) / length)
    along, up = np.array([0, -np.cos(slope), np.sin(slope)]), np.array([0, np.sin(slope), np.cos(slope)])
    late = worm * 0.9 * np.sin(np.pi * deep) ** 0.5 if ascending else 0.0
    hip = ankle + along * LEG * 0.997 - up * (0.24 * sag - 0.24 * pike + 0.12 * late)
    spine = ankle + along * length - hip
    body = Body(hip, float(np.degrees(np.arctan2(-spine[1], spine[2]))))
    body.legs([moved(ankle, out * 0.09, 0, 0) for out in OUTWARD], [-up] * 2)
    hands_y = ankle[1] - np.cos(np.arcsin((0.575 - 0.115) / length)) * length
    wide = 0.44 if flare else 0.27
    body.hands(
        both(lambda out: [out * wide, hands_y, 0.055]),
        both(lambda out: [out, 0.0, 0.35] if flare else [out * 0.5, 1.0, 0.35]),
    )
    return body.joints


def curl(
    phase: float,
    _: bool = False,
    *,
    lowest_deg: float = 8.0,
    closing_deg: float = 130.0,
    drift_deg: float = 0.0,
    swing_deg: float = 0.0,
    lean_back_deg: float = 0.0,
    weaker: float = 1.0,
) -> Array:
    """Both arms; `weaker` is the share of the way that the right one goes."""
    body = _standing(swing_deg * np.sin(np.pi * (phase - 0.5)) / 2 - lean_back_deg * phase)
    upper = np.radians(4 + (8 + drift_deg) * phase)
    closing = [np.radians(lowest_deg + closing_deg * phase * share) for share in (1.0, weaker)]
    body.arms(
        both(lambda out: [out * 0.1, -np.sin(upper), -np.cos(upper)]),
        [
            [out * 0.08, -np.sin(upper + angle), -np.cos(upper + angle)]
            for out, angle in zip(OUTWARD, closing, strict=True)
        ],
    )
    return body.joints


def raised(
    phase: float,
    _: bool = False,
    *,
    sideways: bool = True,
    reach_deg: float = 80.0,
    shrug_m: float = 0.0,
    swing_deg: float = 0.0,
    weaker: float = 1.0,
) -> Array:
    """Straight arms to shoulder height, to the sides or to the front."""
    body = _standing(-swing_deg * phase, shrug_m=shrug_m * phase)
    shares = [np.radians(9 + reach_deg * phase * share) for share in (1.0, weaker)]
    bones = [
        [out * np.sin(angle), -0.1, -np.cos(angle)] if sideways else [out * 0.1, -np.sin(angle), -np.cos(angle)]
        for out, angle in zip(OUTWARD, shares, strict=True)
    ]
    body.arms(bones, bones)
    return body.joints


def press(
    phase: float,
    _: bool = False,
    *,
    lean_back_deg: float = 0.0,
    bent_m: float = 0.0,
    drift_m: float = 0.0,
    lower_m: float = 0.0,
) -> Array:
    """From straight arms overhead down to the shoulders; `lower_m` is how much the right hand stays behind."""
    body = _standing(-lean_back_deg * phase)
    top, low = ARM * 0.99 - bent_m, 0.05
    height = top + (low - top) * phase
    hands = [
        moved(body.shoulder(place), out * 0.1, -0.08 - drift_m * phase, height - lower_m * place)
        for place, out in enumerate(OUTWARD)
    ]
    body.hands(hands, both(lambda out: [out, -0.2, -1]))
    return body.joints


def pull_up(
    phase: float, _: bool = False, *, swing_deg: float = 0.0, bent_m: float = 0.0, short_m: float = 0.0
) -> Array:
    """From hanging to chin over the bar."""
    pull = bent_m + (0.44 - bent_m - short_m) * phase
    lean = swing_deg * np.sin(2 * np.pi * phase) / 2
    bar_z = 2.3
    shoulder_z = bar_z - 0.53 + pull
    body = Body([0, 0.02, shoulder_z - SPINE * np.cos(np.radians(lean))], lean)
    body.legs(both(lambda out: [out * 0.1, 0.1, body.hip[2] - LEG * 0.98]), both(lambda out: [out * 0.05, -1, 0]))
    body.hands(both(lambda out: [out * (SHOULDER_HALF + 0.04), -0.02, bar_z]), both(lambda out: [out, -0.3, -0.5]))
    return body.joints


def bench_press(
    phase: float, _: bool = False, *, flare: bool = False, lower_m: float = 0.0, short: float = 1.0
) -> Array:
    """Lying on the back, the head towards +Y."""
    body = Body([0, 0, 0.5], -90)
    body.legs(both(lambda out: [out * 0.25, -0.4, ANKLE_HEIGHT]), both(lambda out: [out * 0.3, -0.6, 1]))
    height = ARM * 0.97 - phase * short * 0.42
    wide = 0.28 if flare else 0.06
    hands = [
        moved(body.shoulder(place), out * wide, -0.10 * phase, height - lower_m * place)
        for place, out in enumerate(OUTWARD)
    ]
    body.hands(hands, both(lambda out: [out, 0.0, -0.1] if flare else [out * 0.55, -1.0, -0.6]))
    return body.joints


def row(
    phase: float,
    _: bool = False,
    *,
    twist_deg: float = 0.0,
    swing_deg: float = 0.0,
    rounded: float = 0.0,
    lean_deg: float = 55.0,
) -> Array:
    """Bent over, both hands from hanging to the trunk; the twist turns the right shoulder up."""
    body = Body([0, 0.22, STAND - 0.12], lean_deg - swing_deg * phase, twist_deg=twist_deg * phase, rounded=rounded)
    body.legs(both(lambda out: [out * 0.13, 0, ANKLE_HEIGHT]), both(lambda out: [out * 0.2, -1, 0]))
    hands = [
        moved(body.shoulder(place), out * 0.06, 0.14 * phase, -ARM * 0.97 + (ARM * 0.97 - 0.22) * phase)
        for place, out in enumerate(OUTWARD)
    ]
    body.hands(hands, both(lambda out: [out * 0.4, 1.0, 0.3]))
    return body.joints


def pulldown(phase: float, _: bool = False, *, shrug_m: float = 0.0, lean_back_deg: float = 0.0) -> Array:
    """Seated, from straight arms overhead down to the chest; shrugged throughout."""
    body = Body([0, 0, 0.5], -8 - lean_back_deg * phase, shrug_m=max(shrug_m, 0.05 * (1 - phase)))
    body.legs(both(lambda out: [out * 0.2, -0.4, ANKLE_HEIGHT]), both(lambda out: [out * 0.2, -1, 0.8]))
    hands = [moved(body.shoulder(place), out * 0.2, -0.1, ARM * 0.9 * (1 - phase)) for place, out in enumerate(OUTWARD)]
    body.hands(hands, both(lambda out: [out, -0.1, -1]))
    return body.joints


def dip(phase: float, _: bool = False, *, depth: float = 1.0) -> Array:
    """Hands on bars at the hips; legs hang bent."""
    sink = 0.27 * phase * depth
    body = Body([0, 0.05 * phase, 1.25 - sink], 12 * phase)
    body.legs(both(lambda out: [out * 0.1, 0.25, body.hip[2] - LEG * 0.85]), both(lambda out: [out * 0.1, -1, 0]))
    body.hands(both(lambda out: [out * 0.26, 0.0, 1.25 + SPINE - ARM * 0.985]), both(lambda out: [out * 0.2, 1, 0.1]))
    return body.joints
