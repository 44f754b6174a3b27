"""The words that exercise files may use: views, severities, joints and measures.

They stand below the library, the posture and the form analysis, so that each of these can check them without knowing
the others.
"""

from enum import StrEnum
from typing import Final


class View(StrEnum):
    """From where the camera sees the person."""

    FRONT = "front"
    BACK = "back"
    SIDE = "side"
    THREE_QUARTER = "three_quarter"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How urgent a correction is: `dangerous` can hurt, `moderate` wastes the repetition, `minor` is polish."""

    DANGEROUS = "dangerous"
    MODERATE = "moderate"
    MINOR = "minor"


class Difficulty(StrEnum):
    """Who can do an exercise well: after an explanation, after some months, after years."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class StrokePart(StrEnum):
    """Part of a repetition: the start position, the way out, its far end, the way back; or, of a hold, the hold."""

    START = "start"
    OUT = "out"
    TURN = "turn"
    BACK = "back"
    HOLD = "hold"


JUDGED_VIEWS: Final = tuple(view for view in View if view is not View.UNKNOWN)
ANGLES: Final = ("knee", "hip", "elbow", "arm_raise")
"""Joints whose range of motion can be reported; `arm_raise` is the angle hip-shoulder-elbow."""
FORM_METRICS: Final = (
    "knee_min_deg",
    "knee_max_deg",
    "hip_max_deg",
    "elbow_min_deg",
    "elbow_max_deg",
    "elbow_range_deg",
    "arm_raise_max_deg",
    "body_line_min_deg",
    "knee_width_ratio",
    "elbow_flare_deg",
    "trunk_swing_deg",
)
"""What form analysis measures of a repetition, and a fault may put a threshold on."""
