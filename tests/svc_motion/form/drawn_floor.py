"""Bodies of drawn scenes that go through postures, as poses over the phase."""

from __future__ import annotations

from functools import cache

from spotter_cli.scene.posture import Posture, grounded
from spotter_cli.scene.skeleton import Dimensions, solve
from tests.svc_motion.form.bodies import Array, Pose

BODY = Dimensions(1.75)


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
