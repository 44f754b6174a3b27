"""Which variant of a recognised exercise somebody does, where posture shows it.

A weight or machine doesn't matter to what is recognised: a goblet squat is recognised as a squat. That it is a goblet
squat shows in where the hands are, over the whole set. What no posture shows, as how a hand is turned in a hammer
curl, is never claimed: such a variant has no traits in the library.
"""

import math
from dataclasses import dataclass

from svc_motion.library import Exercise, Library
from svc_motion.observation import FloatArray
from svc_motion.posture import PostureSummary, summarise, view_of
from svc_motion.vocabulary import View

MIN_FRAMES = 20
MIN_TRAITS = 2
"""A variant of which fewer traits can be seen in a view can't be told there."""
CLAIMED = 0.6
"""A variant is claimed when every one of its traits is believed this much."""
AHEAD = 2.0
"""And so many times as much as that of any other variant."""


@dataclass(frozen=True, slots=True)
class VariantFinding:
    """A variant and how much it is believed, 0..1."""

    exercise: Exercise
    confidence: float


def variant_of(library: Library, base: Exercise, points: FloatArray) -> Exercise | None:
    """The variant of `base` that (n, 17, 2) points of a set show, px, NaN where unseen; None where none is sure."""
    finding = find_variant(library, base, points)
    return finding.exercise if finding else None


def find_variant(library: Library, base: Exercise, points: FloatArray) -> VariantFinding | None:
    """The same with its confidence."""
    candidates = library.variants_of(base.name)
    if not candidates or len(points) < MIN_FRAMES:
        return None
    posture, view = summarise(points), view_of(points)
    found = sorted(
        (VariantFinding(exercise, confidence(exercise, posture, view)) for exercise in candidates),
        key=lambda finding: -finding.confidence,
    )
    best, second = found[0], found[1].confidence if len(found) > 1 else 0.0
    told = best.confidence >= max(CLAIMED, AHEAD * second) and not best.exercise.looks_alike
    return best if told else None


def confidence(exercise: Exercise, posture: PostureSummary, view: View) -> float:
    """Belief in the least fitting of a variant's traits, 0..1; 0 where too few of them can be seen."""
    judged = [trait for trait in exercise.recognition if view in trait.views]
    values = [posture.feature(trait.feature) for trait in judged]
    if len(judged) < MIN_TRAITS or any(math.isnan(value) for value in values):
        return 0.0
    return min(trait.belief(value) for trait, value in zip(judged, values, strict=True))
