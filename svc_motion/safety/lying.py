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
UPRIGHT_SHANK_M, OVER_FOOT_M = 0.16, 0.2
"""With a knee this much above its ankle, and shoulders this much above that ankle, somebody may crouch or kneel,"""
STRAIGHT = 0.35
"""unless the leg is straight and points away: its hip is above the knee by this share of the knee's height or more."""
PROPPED_WRISTS_M, PROPPED_ELBOWS_M = 0.35, 0.18
"""Shoulders this much above wrists, or above elbows, are held up by the arms: a plank, a push-up."""
ARM_M = 0.545
STRETCHED_OUT_COS, STRETCHED_OUT_RATIO = 0.8, 1.8
"""Arms that lead on from the trunk, in the picture, and are shortened like it, lie on the floor overhead; arms that
hold a trunk up, seen from its head, are shortened less than it by more than this ratio."""
STEEPEST_TAN = 0.51
"""Of the angle at which cameras look down, 27 degrees at most:"""
RAISED_M, RAISED_TOLERANCE_M = 0.12, 0.07
"""a trunk on the floor whose shoulders are this much above the hips in the picture points away and is shortened."""
HIPS_OVER_FEET_M, STANDING_SHANK_M, ACROSS_M, FLAT_RISE_M = 0.22, 0.24, 0.42, 0.05
"""Hips this much above feet, over an upright shank, are off the floor where the trunk doesn't point away as well: it is
this long, or rises this little."""
LINE_RATIO = 0.4
"""Who lies with the feet towards the camera, both knees up, has shoulders above the hips by at least this share of how
far the hips are above the feet; who crouches and faces the camera hasn't."""


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
    feet_under = _feet_under(body, metre_px)
    if _crouches(body, metre_px) or (feet_under == 2 and rise < LINE_RATIO * height):
        return Posture.OTHER
    return Posture.MAYBE_LYING if feet_under else Posture.LYING


def _crouches(body: Body, metre_px: float) -> bool:
    """Whether trunk or hips are off the floor, however far the camera looks down."""
    trunk = (body.hips - body.shoulders) / metre_px
    rise, length = float(trunk[1]), float(np.hypot(*trunk))
    level_m = np.sqrt(max(TRUNK_M**2 - (rise / STEEPEST_TAN) ** 2, 0.0))
    if rise >= RAISED_M and length > level_m + RAISED_TOLERANCE_M:
        return True
    height = (body.feet[1] - body.hips[1]) / metre_px
    shank = (body.legs[:, 2, 1] - body.legs[:, 1, 1]) / metre_px
    upright = bool(np.any(shank >= STANDING_SHANK_M))
    return bool(upright and height >= HIPS_OVER_FEET_M and (length >= ACROSS_M or rise <= FLAT_RISE_M))


def _shortened(body: Body, metre_px: float) -> bool:
    trunk = np.hypot(*(body.hips - body.shoulders)) / metre_px / TRUNK_M
    bones = np.hypot(*np.diff(body.legs, axis=1).T) / metre_px / np.array([[THIGH_M], [SHANK_M]])
    seen = bones[np.isfinite(bones)]
    return bool(trunk <= ALONG_VIEW and len(seen) and np.mean(seen) <= ALONG_VIEW)


def _feet_under(body: Body, metre_px: float) -> int:
    """How many legs look as if the person crouched or knelt on them."""
    shank = (body.legs[:, 2, 1] - body.legs[:, 1, 1]) / metre_px
    over_foot = (body.legs[:, 2, 1] - body.shoulders[1]) / metre_px
    thigh = (body.legs[:, 1, 1] - body.legs[:, 0, 1]) / metre_px
    return int(np.count_nonzero((shank >= UPRIGHT_SHANK_M) & (over_foot >= OVER_FOOT_M) & (thigh < STRAIGHT * shank)))


def _propped(body: Body, metre_px: float) -> bool:
    wrists = (body.wrists[1] - body.shoulders[1]) / metre_px
    elbows = (body.elbows[1] - body.shoulders[1]) / metre_px
    under = bool(wrists >= PROPPED_WRISTS_M or (elbows >= PROPPED_ELBOWS_M and not wrists < elbows - 0.1))
    return under and not _stretched_out(body)


def _stretched_out(body: Body) -> bool:
    """Whether the arms lie overhead on the floor, towards the camera."""
    trunk, arm = body.shoulders - body.hips, body.wrists - body.shoulders
    long, reach = float(np.hypot(*trunk)), float(np.hypot(*arm))
    if trunk[1] <= 0 or not long * reach > 0:
        return False
    in_line = float(trunk @ arm) / (long * reach)
    return in_line >= STRETCHED_OUT_COS and reach / ARM_M <= STRETCHED_OUT_RATIO * long / TRUNK_M
