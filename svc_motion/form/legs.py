"""Knees, feet and where the hips are: caving in, far past the toes, heels lifting, shifting to one side."""

import numpy as np
from numpy.typing import NDArray

from svc_motion.form.measurement import Measurement, Measurements, Series, found
from svc_motion.form.pose import ANKLES, HIPS, KNEES, Pose, length, longest
from svc_motion.observation import FloatArray
from svc_motion.vocabulary import View

TOE_TO_SHANK = 0.46
"""Toes ahead of the ankle over shank length, where no toes are seen: three quarters of a foot of 0.152 body heights
(one quarter lies behind the ankle) over a shank of 0.246 (Drillis and Contini 1966, in Winter's Biomechanics)."""
GUESSED_TOES_TRUST = 0.65
"""Of what rests on such toes: feet turn out, and shoes are long."""
MIN_STANCE_SHARE = 0.35
"""Ankles closer together than this share of the shank say nothing about the knees' width."""
SPLIT_STANCE = 0.5
"""Ankles further apart than this, in trunk lengths: one leg is in front, and its knee is the one to judge."""
MIN_SHANK_SHARE = 0.5
"""A shank that looks shorter than this share of its length points at the camera or lies on the floor."""

HIPS_BACK = 0.6
"""How far, in trunk lengths, hips move back in a squat: so much of it looks sideways as the camera is off the front."""


def leg_metrics(pose: Pose) -> Measurements:
    """Metrics of the legs."""
    low = pose.low_hips()
    if not low.any():
        return {}
    height = (pose.middle(ANKLES) - pose.middle(HIPS))[:, 1] / pose.trunk_px
    return found(
        {
            "thigh_level_deg": pose.series(_thigh_level(pose), HIPS, KNEES).at(0.03),
            "knee_width_ratio": pose.series(_knee_width(pose), KNEES, ANKLES, both=True).at(0.5, low),
            "knee_inward_deg": _knee_inward(pose, low),
            "knee_past_toes": _knee_past_toes(pose, low),
            "heel_lift": _heel_lift(pose, low),
            "hip_shift": _hip_shift(pose, low),
            "hip_height_min": pose.series(height, HIPS, ANKLES).at(0.03),
        }
    )


def _shank_px(pose: Pose) -> float:
    return longest(length(pose.pair(KNEES) - pose.pair(ANKLES)).ravel(), 0.8)


def _thigh_level(pose: Pose) -> FloatArray:
    """(m,) angle of the thighs over level, from how much higher the hips are than the knees.

    The height of a thigh of length l at an angle a is l·sin a for every direction of a level camera.
    """
    thigh = pose.pair(HIPS) - pose.pair(KNEES)
    whole = longest(length(thigh).ravel())
    angles = np.degrees(np.arcsin(np.clip(-thigh[..., 1] / max(whole, 1e-6), -1, 1)))
    return np.asarray(np.nanmean(angles, axis=1), dtype=np.float64)


def _knee_width(pose: Pose) -> FloatArray:
    """(m,) distance between the knees over that between the toes, across the picture; over the ankles without toes.

    Knees belong over the toes however far these are turned out, while ankles say that only for feet that point ahead.
    """
    knees, ankles = (np.abs(pair[:, 0, 0] - pair[:, 1, 0]) for pair in (pose.pair(KNEES), pose.pair(ANKLES)))
    if not np.nanmedian(ankles) > MIN_STANCE_SHARE * _shank_px(pose):
        return np.full(len(knees), np.nan)
    feet = ankles
    if pose.feet is not None:
        toes = np.abs(pose.feet[:, 2, 0] - pose.feet[:, 3, 0])
        feet = np.where(np.isfinite(toes), toes, ankles)
    return np.asarray(knees / np.maximum(feet, 1e-6), dtype=np.float64)


def _knee_inward(pose: Pose, low: NDArray[np.bool_]) -> Measurement | None:
    """Inward tilt of the shank of the leg that stands, degrees, seen from front or back."""
    hips, shanks = pose.pair(HIPS), pose.pair(KNEES) - pose.pair(ANKLES)
    outward = np.sign(hips[:, 0, 0] - hips[:, 1, 0])
    inward = np.stack([-outward * shanks[:, 0, 0], outward * shanks[:, 1, 0]], axis=1)
    upright = -shanks[..., 1]
    tilt = np.where(upright > MIN_SHANK_SHARE * _shank_px(pose), np.degrees(np.arctan2(inward, upright)), np.nan)
    standing = np.nanmedian(np.where(low[:, None], upright, np.nan), axis=0)
    if not np.isfinite(standing).any():
        return None
    side = int(np.nanargmax(standing))
    trust = pose.confidence[:, [KNEES[side], ANKLES[side]]].min(axis=1)
    return Series(pose.times_s, tilt[:, side], trust).at(0.5, low)


def _knee_past_toes(pose: Pose, low: NDArray[np.bool_]) -> Measurement | None:
    """How far the knee is ahead of the toes, in trunk lengths: of the front leg, or the mean of both.

    Toes that no model saw are guessed from the shank, which makes everything less sure.
    """
    if pose.facing == 0:
        return None
    knees, ankles = pose.facing * pose.pair(KNEES)[..., 0], pose.facing * pose.pair(ANKLES)[..., 0]
    toes = ankles + TOE_TO_SHANK * _shank_px(pose)
    if pose.feet is not None:
        toes = np.where(np.isfinite(pose.feet[:, 2:, 0]), pose.facing * pose.feet[:, 2:, 0], toes)
    ahead = (knees - toes) / pose.trunk_px
    apart = np.nanmedian(np.where(low, ankles[:, 0] - ankles[:, 1], np.nan)) / pose.trunk_px
    if np.isfinite(apart) and abs(apart) > SPLIT_STANCE:
        judged = ahead[:, 0 if apart > 0 else 1]
    else:
        judged = np.where(np.isfinite(ahead).any(axis=1), np.nanmean(ahead, axis=1), np.nan)
    trust = pose.trust(KNEES, ANKLES) * (GUESSED_TOES_TRUST if pose.feet is None else 1.0)
    return Series(pose.times_s, judged, trust).at(0.5, low)


def _heel_lift(pose: Pose, low: NDArray[np.bool_]) -> Measurement | None:
    """Heels over toes while lowest, against the same while standing; in trunk lengths. Needs heels and toes."""
    if pose.feet is None:
        return None
    over = (pose.feet[:, 2:, 1] - pose.feet[:, :2, 1]) / pose.trunk_px
    lowest = np.nanmedian(np.where(low[:, None], over, np.nan), axis=0)
    standing = np.nanmedian(np.where(pose.high_hips()[:, None], over, np.nan), axis=0)
    if not np.isfinite(lowest - standing).any():
        return None
    side = int(np.nanargmin(np.abs(lowest - standing)))  # the rear foot of a lunge lifts its heel rightly
    return Series(pose.times_s, over[:, side] - standing[side], pose.trust(ANKLES)).at(0.5, low)


def _hip_shift(pose: Pose, low: NDArray[np.bool_]) -> Measurement | None:
    """Hips to one side of the feet's middle while lowest, against the same while standing; in trunk lengths.

    What hips that only move back would show from where the camera is, is taken off.
    """
    if pose.view not in (View.FRONT, View.BACK):
        return None
    aside = (pose.middle(HIPS) - pose.middle(ANKLES))[:, 0] / pose.trunk_px
    standing = np.nanmedian(np.where(pose.high_hips(), aside, np.nan))
    looks_aside = HIPS_BACK * float(np.cos(np.radians(pose.turned_deg)))
    shift = np.maximum(np.abs(aside - standing) - looks_aside, 0.0)
    return pose.series(shift, HIPS, ANKLES, both=True).at(0.5, low)
