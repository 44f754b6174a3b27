"""The words that exercise files may use: views, severities, joints and measures.

They stand below the library, the posture and the form analysis, so that each of these can check them without knowing
the others.
"""

from enum import StrEnum
from typing import Final, Literal

from svc_motion.form_metrics import METRICS


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
FORM_METRICS: Final = tuple(METRICS)
"""What form analysis measures of a repetition, and a fault may put a threshold on."""
BodyPart = Literal["feet", "hips", "shoulders", "elbows", "hands"]
"""A pair of joints that should stay still, or whose path is judged."""
PathShape = Literal["straight", "return"]
"""A path that is best straight, or one that is curved by nature and best goes back the way it came."""
