"""Whether somebody lies on the floor, as far as one picture can tell.

All heights are metres in the picture. A camera that looks down shortens what stands and shows what lies along its view
as a little upright; so no single height decides.
"""

from enum import Enum

import numpy as np

from svc_motion.safety.body import Body

RISE_M, HIPS_M = 0.27, 0.42
"""Shoulders of somebody who lies are at most this much above the hips (upright 0.5 m), and hips above the feet (a bench
is higher)."""
RISE_ALONG_VIEW_M, HIPS_ALONG_VIEW_M = 0.37, 0.65
"""The same for somebody who lies with the feet towards the camera,"""
ALONG_VIEW = 0.72
"""whose trunk, thighs and shanks are shortened to this share of their length."""
TRUNK_M, THIGH_M, SHANK_M = 0.5, 0.425, 0.415
UPRIGHT_SHANK_M, OVER_KNEE_M = 0.16, 0.03
"""With a knee this much above its ankle, and shoulders this much above that knee, somebody may crouch or kneel,"""
STRAIGHT = 0.35
"""unless the leg is straight and points away: its hip is above the knee by this share of the knee's height or more."""
PROPPED_WRISTS_M, PROPPED_ELBOWS_M = 0.35, 0.18
"""Shoulders this much above wrists, or above elbows, are held up by the arms: a plank, a push-up."""


class Posture(Enum):
    """What one picture says."""

    OTHER = 0
    MAYBE_LYING = 1
    """Lies, or crouches: from where the camera hangs the two look alike."""
    LYING = 2


def posture_of(body: Body, metre_px: float) -> Posture:
    """Lying is: trunk level, hips low, neither on the feet nor held up by the arms."""
    rise = (body.hips[1] - body.shoulders[1]) / metre_px
    if rise > RISE_ALONG_VIEW_M:
        return Posture.OTHER
    under = body.feet if np.isfinite(body.feet[1]) else body.knees
    height = (under[1] - body.hips[1]) / metre_px  # NaN where no leg is seen
    if rise > RISE_M or height > HIPS_M:
        along_view = rise <= RISE_ALONG_VIEW_M and height <= HIPS_ALONG_VIEW_M and _shortened(body, metre_px)
        if not along_view:
            return Posture.OTHER
    if _propped(body, metre_px):
        return Posture.OTHER
    return Posture.MAYBE_LYING if _on_feet(body, metre_px) else Posture.LYING


def _shortened(body: Body, metre_px: float) -> bool:
    trunk = np.hypot(*(body.hips - body.shoulders)) / metre_px / TRUNK_M
    bones = np.hypot(*np.diff(body.legs, axis=1).T) / metre_px / np.array([[THIGH_M], [SHANK_M]])
    seen = bones[np.isfinite(bones)]
    return bool(trunk <= ALONG_VIEW and len(seen) and np.mean(seen) <= ALONG_VIEW)


def _on_feet(body: Body, metre_px: float) -> bool:
    shank = (body.legs[:, 2, 1] - body.legs[:, 1, 1]) / metre_px
    over_knee = (body.legs[:, 1, 1] - body.shoulders[1]) / metre_px
    thigh = (body.legs[:, 1, 1] - body.legs[:, 0, 1]) / metre_px
    return bool(np.any((shank >= UPRIGHT_SHANK_M) & (over_knee >= OVER_KNEE_M) & (thigh < STRAIGHT * shank)))


def _propped(body: Body, metre_px: float) -> bool:
    wrists = (body.wrists[1] - body.shoulders[1]) / metre_px
    elbows = (body.elbows[1] - body.shoulders[1]) / metre_px
    return bool(wrists >= PROPPED_WRISTS_M or (elbows >= PROPPED_ELBOWS_M and not wrists < elbows - 0.1))
