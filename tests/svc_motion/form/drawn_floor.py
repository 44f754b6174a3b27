"""Floor exercises and calf raises by the bodies of drawn scenes, each with its fault in a strength.

Where a number is named `deg`, it is how far the joint leaves what a clean repetition does; 0 is clean.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from spotter_cli.scene.posture import ArmAngles, LegAngles, Posture, grounded, posture
from spotter_cli.scene.postures import (
    ARMS_UP,
    CLIMBING,
    CROUCHING,
    PLANK,
    SITTING_UP,
    STANDING,
    SUPINE_KNEES_UP,
)
from spotter_cli.scene.skeleton import Dimensions, solve
from tests.svc_motion.form.bodies import Array, Pose

BODY = Dimensions(1.75)
AT_THE_HEAD = ArmAngles(raised=165, out=30, elbow=140)
LYING = replace(SUPINE_KNEES_UP, left_arm=AT_THE_HEAD, right_arm=AT_THE_HEAD)


def through(*stations: Posture) -> Pose:
    """A body that goes through postures, the first at phase 0 and the last at phase 1."""
    values = [station.values() for station in stations]

    @cache  # a way back, and another camera, see the same
    def drawn(phase: float) -> Array:
        place = min(int(phase * (len(values) - 1)), len(values) - 2)
        share = phase * (len(values) - 1) - place
        blended = values[place] * (1 - share) + values[place + 1] * share
        return solve(BODY, grounded(BODY, Posture.of(blended)).pose).joints

    def at(phase: float, _: bool = False) -> Array:
        return drawn(round(phase, 6))

    return at


def plank(sag_deg: float = 0.0, pike_deg: float = 0.0) -> Posture:
    """A high plank whose hips hang or stand up."""
    bend = pike_deg - sag_deg
    leg = replace(PLANK.left_leg, hip=bend)
    arm = replace(PLANK.left_arm, raised=PLANK.left_arm.raised + 0.45 * max(bend, 0.0))
    return replace(PLANK, pitch=PLANK.pitch + 0.45 * bend, left_leg=leg, right_leg=leg, left_arm=arm, right_arm=arm)


def mountain_climber(*, sag_deg: float = 0.0, pike_deg: float = 0.0, short_deg: float = 0.0) -> Pose:
    """The left knee to the chest and back."""
    start = plank(sag_deg, pike_deg)
    hip = CLIMBING.left_leg.hip - short_deg
    return through(start, replace(start, left_leg=replace(CLIMBING.left_leg, hip=hip, knee=1.3 * hip)))


def burpee(*, sag_deg: float = 0.0, bent_deg: float = 0.0) -> Pose:
    """Standing with arms up, or with hips and knees bent, down to a plank."""
    bent = LegAngles(hip=bent_deg, knee=bent_deg, flat=1, out=6)
    start = replace(ARMS_UP, pitch=bent_deg / 2, left_leg=bent, right_leg=bent)
    return through(start, CROUCHING, plank(sag_deg))


def pulled(at: Posture, deg: float) -> Posture:
    """Both hands pull the head forward, and move with it."""
    arm = replace(AT_THE_HEAD, raised=AT_THE_HEAD.raised - 0.7 * deg)
    return replace(at, head=4 + deg, left_arm=arm, right_arm=arm)


def sit_up(*, neck_deg: float = 0.0, short_deg: float = 0.0) -> Pose:
    """Hands at the head, up to upright."""
    return through(LYING, pulled(replace(SITTING_UP, pitch=SITTING_UP.pitch - short_deg), neck_deg))


def sit_up_with_hands_away(*, neck_deg: float = 0.0) -> Pose:
    """The chin goes to the chest, but nothing pulls it."""
    return through(SUPINE_KNEES_UP, replace(SITTING_UP, head=4 + neck_deg))


def crunch(*, neck_deg: float = 0.0, short_deg: float = 0.0) -> Pose:
    """Hands at the head; the chest curls by 32 degrees."""
    return through(LYING, pulled(replace(LYING, chest=32 - short_deg), neck_deg))


def calf_raise(*, short_deg: float = 0.0, knees_deg: float = 0.0) -> Pose:
    """From tiptoes, pointed by 40 degrees, down to the heels."""
    foot = LegAngles(out=6, foot=40 - short_deg)
    low = LegAngles(hip=knees_deg / 2, knee=max(knees_deg, 1.0), flat=1, out=6)
    return through(posture(foot), replace(STANDING, left_leg=low, right_leg=low))
