"""Supersets: two or more exercises that alternate with hardly a rest between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh import times

LONGEST_CHANGE_S = 30.0
"""Rest between two sets of one round. Raised: sets with a real rest between them are taken together."""


@dataclass(frozen=True, slots=True)
class SetSpan:
    """One closed set."""

    set_id: str
    exercise: str
    start_ns: int
    end_ns: int


def superset_numbers(sets: Sequence[SetSpan]) -> dict[str, int]:
    """Number of the superset of each set of one day, from 1; 0 for none. `sets` is in order of their starts.

    A round is a chain of sets, each of another exercise than the one before and begun less than LONGEST_CHANGE_S after
    its end. One change of exercise is no superset: a round counts where an exercise comes back in it (A B A), or where
    another round of the day has the same exercises (A B, rest, A B); such rounds are one superset.
    """
    rounds = [chain for chain in _chains(sets) if len(chain) > 1]
    kinds = [frozenset(done.exercise for done in chain) for chain in rounds]
    numbers = dict.fromkeys((done.set_id for done in sets), 0)
    known: dict[frozenset[str], int] = {}
    for chain, kind in zip(rounds, kinds, strict=True):
        if len(chain) > len(kind) or kinds.count(kind) > 1:
            number = known.setdefault(kind, len(known) + 1)
            numbers.update((done.set_id, number) for done in chain)
    return numbers


def _chains(sets: Sequence[SetSpan]) -> list[list[SetSpan]]:
    chains: list[list[SetSpan]] = []
    for done in sets:
        last = chains[-1][-1] if chains else None
        if (
            last is not None
            and last.exercise != done.exercise
            and done.start_ns - last.end_ns < LONGEST_CHANGE_S * times.NS_PER_S
        ):
            chains[-1].append(done)
        else:
            chains.append([done])
    return chains
