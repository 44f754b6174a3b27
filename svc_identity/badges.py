"""Whose badge was read: the same code on another track or camera is the same person.

The text is turned into a keyed hash as soon as it arrives. The key is made anew by every process and never leaves it,
so a hash says nothing to anybody else, and nothing to this service after a restart.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from mesh.ids import GymId, PersonId
from svc_identity.sightings import BadgeHash, Sighting

KEY_BYTES = 32


class BadgeHasher:
    """Keyed hashes (BLAKE2b) of the texts of badges."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(KEY_BYTES)

    def hash(self, gym_id: GymId, text: str) -> BadgeHash | None:
        """None for no badge. The same text in two gyms has two hashes."""
        if not text:
            return None
        gym = hashlib.blake2b(gym_id.encode(), digest_size=16).digest()
        return hashlib.blake2b(gym + text.encode(), key=self._key, digest_size=32).digest()


@dataclass(slots=True)
class Badges:
    """Badges of one gym and the people who wear them now."""

    _wearer: dict[BadgeHash, PersonId] = field(default_factory=dict)
    _shared: set[BadgeHash] = field(default_factory=set)
    """Codes seen on two people at once, as on a shirt that many wear: they say nothing about who it is."""

    def readings(self, sightings: Iterable[Sighting]) -> list[tuple[Sighting, BadgeHash]]:
        """Those sightings of one frame that show somebody's own badge."""
        read = [(sighting, sighting.badge) for sighting in sightings if sighting.badge is not None]
        hashes = [badge for _, badge in read]
        for badge in {badge for badge in hashes if hashes.count(badge) > 1}:
            self._shared.add(badge)
            self._wearer.pop(badge, None)
        return [(sighting, badge) for sighting, badge in read if badge not in self._shared]

    def wearer(self, badge: BadgeHash) -> PersonId | None:
        """Who wears this badge; None while nobody is known to."""
        return self._wearer.get(badge)

    def wear(self, badge: BadgeHash, person_id: PersonId) -> None:
        """This person wears this badge."""
        self._wearer[badge] = person_id

    def leave(self, person_id: PersonId) -> None:
        """A person has left: their badge means nothing until it is read again."""
        self._wearer = {badge: wearer for badge, wearer in self._wearer.items() if wearer != person_id}
