"""Exercises that nobody recorded, as postures of a drawn body, each with its fault in a strength.

`deg` in a name is how far a joint leaves what a clean repetition does; 0 is clean. The postures lead from the start of
a repetition to its far end.
"""

from __future__ import annotations

from dataclasses import replace

from spotter_cli.scene.posture import ArmAngles, LegAngles, Posture, posture
from spotter_cli.scene.postures import (
    ARMS_UP,
    CLIMBING,
    CROUCHING,
    PLANK,
    SITTING_UP,
    STANDING,
    SUPINE_KNEES_UP,
)

_AT_THE_HEAD = ArmAngles(raised=165, out=30, elbow=140)
LYING = replace(SUPINE_KNEES_UP, left_arm=_AT_THE_HEAD, right_arm=_AT_THE_HEAD)
"""On the back, hands at the head."""


def plank(sag_deg: float = 0.0, pike_deg: float = 0.0) -> Posture:
    """A high plank whose hips hang or stand up."""
    bend = pike_deg - sag_deg
    leg = replace(PLANK.left_leg, hip=bend)
    arm = replace(PLANK.left_arm, raised=PLANK.left_arm.raised + 0.45 * max(bend, 0.0))
    return replace(PLANK, pitch=PLANK.pitch + 0.45 * bend, left_leg=leg, right_leg=leg, left_arm=arm, right_arm=arm)


def mountain_climber(*, sag_deg: float = 0.0, pike_deg: float = 0.0, short_deg: float = 0.0) -> tuple[Posture, Posture]:
    """The left knee to the chest."""
    start = plank(sag_deg, pike_deg)
    hip = CLIMBING.left_leg.hip - short_deg
    return start, replace(start, left_leg=replace(CLIMBING.left_leg, hip=hip, knee=1.3 * hip))


def burpee(*, sag_deg: float = 0.0, bent_deg: float = 0.0) -> tuple[Posture, Posture, Posture]:
    """Standing with arms up, or with hips and knees bent, down to a plank."""
    bent = LegAngles(hip=bent_deg, knee=bent_deg, flat=1, out=6)
    return replace(ARMS_UP, pitch=bent_deg / 2, left_leg=bent, right_leg=bent), CROUCHING, plank(sag_deg)


def sit_up(*, neck_deg: float = 0.0, short_deg: float = 0.0) -> tuple[Posture, Posture]:
    """Hands at the head, up to upright."""
    return LYING, _pulled(replace(SITTING_UP, pitch=SITTING_UP.pitch - short_deg), neck_deg)


def sit_up_with_hands_away(*, neck_deg: float = 0.0) -> tuple[Posture, Posture]:
    """The chin goes to the chest, but nothing pulls it."""
    return SUPINE_KNEES_UP, replace(SITTING_UP, head=4 + neck_deg)


def crunch(*, neck_deg: float = 0.0, short_deg: float = 0.0) -> tuple[Posture, Posture]:
    """Hands at the head; the chest curls by 32 degrees."""
    return LYING, _pulled(replace(LYING, chest=32 - short_deg), neck_deg)


def calf_raise(*, short_deg: float = 0.0, knees_deg: float = 0.0) -> tuple[Posture, Posture]:
    """From tiptoes, pointed by 40 degrees, down to the heels."""
    low = LegAngles(hip=knees_deg / 2, knee=max(knees_deg, 1.0), flat=1, out=6)
    return posture(LegAngles(out=6, foot=40 - short_deg)), replace(STANDING, left_leg=low, right_leg=low)


def _pulled(at: Posture, deg: float) -> Posture:
    """Both hands pull the head forward, and move with it."""
    arm = replace(_AT_THE_HEAD, raised=_AT_THE_HEAD.raised - 0.7 * deg)
    return replace(at, head=4 + deg, left_arm=arm, right_arm=arm)
