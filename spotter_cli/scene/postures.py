"""Postures of a gym, by name: standing, sitting, lying, and the ends of exercises.

An angle of a thigh against the vertical is `hip - pitch`, of a shank `hip - pitch - knee`, of a hanging arm
`raised - pitch - chest`.
"""

from __future__ import annotations

from dataclasses import replace

from spotter_cli.scene.posture import ArmAngles, LegAngles, posture
from spotter_cli.scene.props import BENCH_HEIGHT_M

_FLAT = {"flat": 1.0}

STANDING = posture(LegAngles(out=5, **_FLAT))
BUCKLING = posture(
    LegAngles(hip=38, knee=62, out=8, **_FLAT), ArmAngles(raised=20, out=25, elbow=40), pitch=8, chest=12
)
SQUATTING = posture(
    LegAngles(hip=128, knee=112, out=18, twist=10, **_FLAT), ArmAngles(raised=95, elbow=20), pitch=40, chest=8, head=-20
)
BENDING = posture(
    LegAngles(hip=98, knee=42, out=7, **_FLAT), ArmAngles(raised=82, out=6, elbow=6), pitch=68, chest=16, head=-10
)
SITTING = posture(
    LegAngles(hip=84, knee=84, out=12, **_FLAT),
    ArmAngles(raised=28, out=10, elbow=55),
    pitch=4,
    chest=8,
    seat_m=BENCH_HEIGHT_M,
)
SITTING_ON_FLOOR = posture(
    LegAngles(hip=118, knee=92, out=10, **_FLAT), ArmAngles(raised=62, out=10, elbow=30), pitch=0, chest=14
)
LONG_SITTING = posture(
    LegAngles(hip=74, knee=4, out=8, foot=12), ArmAngles(raised=-30, out=14, elbow=4, planted=1), pitch=-16
)
KNEELING = posture(LegAngles(hip=0, knee=92, out=9, foot=55), pitch=2)
SITTING_ON_HEELS = posture(
    LegAngles(hip=92, knee=148, out=12, foot=62), ArmAngles(raised=35, elbow=35), pitch=8, chest=8
)
ALL_FOURS = posture(
    LegAngles(hip=84, knee=90, out=7, foot=55), ArmAngles(raised=84, out=5, elbow=2, planted=1), pitch=84, head=-25
)
TYING_A_SHOE = posture(
    (LegAngles(hip=138, knee=98, out=6, **_FLAT), LegAngles(hip=42, knee=84, out=6, foot=-12)),
    ArmAngles(raised=66, out=0, elbow=24, twist=25),
    pitch=44,
    chest=28,
    head=18,
)
LUNGING = posture((LegAngles(hip=84, knee=84, out=5, **_FLAT), LegAngles(hip=-12, knee=72, out=5, foot=-22)), pitch=3)
CROUCHING = posture(
    LegAngles(hip=152, knee=118, out=14, **_FLAT),
    ArmAngles(raised=92, out=8, elbow=8, planted=1),
    pitch=58,
    chest=22,
    head=-15,
)
PLANK = posture(
    LegAngles(hip=0, knee=1, out=4, foot=-10), ArmAngles(raised=74, out=8, elbow=2, planted=1), pitch=73, head=-22
)
PUSH_UP_BOTTOM = posture(
    LegAngles(hip=0, knee=1, out=4, foot=-10), ArmAngles(raised=84, out=12, elbow=2, planted=1), pitch=85, head=-22
)
FOREARM_PLANK = posture(
    LegAngles(hip=4, knee=1, out=4, foot=-10), ArmAngles(raised=80, out=4, elbow=92, twist=12), pitch=82, head=-12
)
PRONE = posture(
    LegAngles(hip=0, knee=4, out=9, foot=48), ArmAngles(raised=12, out=68, elbow=88, twist=-72), pitch=89, head=-14
)
PRONE_ARMS_DOWN = posture(
    LegAngles(hip=0, knee=6, out=10, foot=50), ArmAngles(raised=6, out=18, elbow=12), pitch=89, head=-14
)
PRONE_ARMS_UP = posture(
    LegAngles(hip=0, knee=3, out=8, foot=50), ArmAngles(raised=158, out=16, elbow=28), pitch=89, head=-14
)
SUPINE = posture(LegAngles(hip=0, knee=2, out=9, twist=18, foot=25), ArmAngles(raised=2, out=24, elbow=8), pitch=-90)
SUPINE_KNEES_UP = posture(LegAngles(hip=46, knee=96, out=5, **_FLAT), ArmAngles(raised=4, out=14, elbow=6), pitch=-90)
SUPINE_ARMS_OUT = posture(
    (LegAngles(hip=4, knee=12, out=14, twist=25, foot=25), LegAngles(hip=22, knee=48, out=12, foot=15)),
    (ArmAngles(raised=0, out=78, elbow=25), ArmAngles(raised=0, out=55, elbow=45, twist=-60)),
    pitch=-90,
)
ON_LEFT_SIDE = posture(
    (LegAngles(hip=16, knee=26, out=0, foot=15), LegAngles(hip=44, knee=58, out=-4, foot=15)),
    (ArmAngles(raised=78, out=8, elbow=42), ArmAngles(raised=40, out=-6, elbow=58)),
    roll=88,
    pitch=4,
    chest=8,
)
ON_RIGHT_SIDE = posture(
    (LegAngles(hip=44, knee=58, out=-4, foot=15), LegAngles(hip=16, knee=26, out=0, foot=15)),
    (ArmAngles(raised=40, out=-6, elbow=58), ArmAngles(raised=78, out=8, elbow=42)),
    roll=-88,
    pitch=4,
    chest=8,
)
CRUMPLED = posture(
    (LegAngles(hip=62, knee=104, out=0, foot=25), LegAngles(hip=78, knee=112, out=-6, foot=25)),
    (ArmAngles(raised=55, out=4, elbow=70), ArmAngles(raised=28, out=-4, elbow=82)),
    roll=86,
    pitch=12,
    chest=22,
    head=14,
)
ON_BENCH = posture(
    LegAngles(hip=-8, knee=72, out=16, **_FLAT),
    ArmAngles(raised=86, out=12, elbow=4),
    pitch=-90,
    seat_m=BENCH_HEIGHT_M,
    back_m=BENCH_HEIGHT_M,
)
ON_BENCH_BAR_LOW = posture(
    LegAngles(hip=-8, knee=72, out=16, **_FLAT),
    ArmAngles(raised=8, out=58, elbow=94, twist=10),
    pitch=-90,
    seat_m=BENCH_HEIGHT_M,
    back_m=BENCH_HEIGHT_M,
)
ARMS_UP = posture(LegAngles(out=6, flat=1), ArmAngles(raised=172, out=10, elbow=6))
JUMPING = replace(ARMS_UP, left_leg=LegAngles(out=6, foot=35), right_leg=LegAngles(out=6, foot=35), lift_m=0.28)
JACK = posture(LegAngles(out=27, foot=15), ArmAngles(raised=0, out=150, elbow=8))
SITTING_UP = posture(
    LegAngles(hip=112, knee=96, out=6, flat=1), ArmAngles(raised=74, out=5, elbow=40), pitch=-22, chest=30
)
CRUNCHING = replace(SUPINE_KNEES_UP, chest=32.0, left_arm=ArmAngles(raised=60), right_arm=ArmAngles(raised=60))
BRIDGING = posture(LegAngles(hip=-14, knee=96, out=6, flat=1), ArmAngles(raised=-20, out=16, elbow=4), pitch=-114)
LEGS_UP = posture(LegAngles(hip=84, knee=8, out=2, foot=10), ArmAngles(raised=4, out=20, elbow=4), pitch=-90)
CLIMBING = replace(PLANK, left_leg=LegAngles(hip=98, knee=128, out=4, foot=20))
HANGING_ARMS = posture(LegAngles(flat=1, out=7), ArmAngles(raised=6, out=8, elbow=2))
GOBLET_SQUATTING = replace(
    SQUATTING, left_arm=ArmAngles(raised=58, elbow=118), right_arm=ArmAngles(raised=58, elbow=118)
)
GOBLET_STANDING = posture(LegAngles(flat=1, out=12), ArmAngles(raised=22, elbow=120))
