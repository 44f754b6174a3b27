"""What is looked for in some frames only: badges, and faces of people who have agreed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mesh.ids import TrackId
from mesh.times import NS_PER_S
from svc_vision.badges import BadgeReader
from svc_vision.eye import Look
from svc_vision.faces import Face, FaceDescriber

Agreed = Callable[[TrackId], bool]
"""Whether the person on a track has agreed, at this moment, that their face is described."""


@dataclass(frozen=True, slots=True)
class DetailConfig:
    """How often; 0 is never."""

    badge_interval_s: float = 2.0
    face_interval_s: float = 5.0
    face_retry_s: float = 1.0
    """After a try that found no face good enough."""


@dataclass(frozen=True, slots=True)
class DetailMaker:
    """Makes the details of one more camera."""

    faces: FaceDescriber | None = None
    """None where the repository has no models for faces."""
    config: DetailConfig = field(default_factory=DetailConfig)

    def __call__(self) -> Details:
        """Details that have seen nothing yet."""
        return Details(self.faces, self.config)


class Details:
    """Of one camera. `look` runs in a worker thread, one call at a time; the rest belongs to the event loop."""

    def __init__(self, faces: FaceDescriber | None, config: DetailConfig) -> None:
        self._faces = faces if config.face_interval_s > 0 else None
        self._badges = BadgeReader() if config.badge_interval_s > 0 else None
        self._config = config
        self._badges_s = -np.inf
        self._face_due_s: dict[TrackId, float] = {}
        self._read: dict[TrackId, str] = {}
        self._described: dict[TrackId, Face] = {}

    def due(self, look: Look, agreed: Agreed) -> bool:
        """Whether there is anything to look for in this frame."""
        time_s = look.capture_time_ns / NS_PER_S
        return bool(look.track_ids) and (self._badges_are_due(time_s) or bool(self._faces_due(look, agreed)))

    def look(self, look: Look, agreed: Agreed) -> None:
        """Looks for what is due."""
        time_s = look.capture_time_ns / NS_PER_S
        if self._badges is not None and self._badges_are_due(time_s):
            self._badges_s = time_s
            self._read |= self._badges.read(
                look.picture.bgr(), look.people.boxes, look.track_ids, look.reflections | look.uncertain
            )
        for track_id in self._faces_due(look, agreed):
            # Asked again for each: a withdrawal holds at once.
            if self._faces is None or not agreed(track_id):
                continue
            face = self._faces.describe(look.picture.bgr(), look.people, look.track_ids.index(track_id))
            self._face_due_s[track_id] = time_s + (self._config.face_interval_s if face else self._config.face_retry_s)
            if face is not None:
                self._described[track_id] = face

    def take_badge(self, track_id: TrackId) -> str:
        """The text read on a person since it was taken last; empty for none."""
        return self._read.pop(track_id, "")

    def take_face(self, track_id: TrackId, agreed: Agreed) -> Face | None:
        """The face described since it was taken last; None, and forgotten, where consent is withdrawn."""
        face = self._described.pop(track_id, None)
        return face if agreed(track_id) else None

    def forget(self, track_id: TrackId) -> None:
        """A track has ended."""
        self._read.pop(track_id, None)
        self._described.pop(track_id, None)
        self._face_due_s.pop(track_id, None)

    def drop_faces(self, agreed: Agreed) -> None:
        """Forgets the faces of all who have not agreed, or no longer do."""
        for track_id in [track_id for track_id in self._described if not agreed(track_id)]:
            del self._described[track_id]

    def _badges_are_due(self, time_s: float) -> bool:
        return self._badges is not None and not 0 <= time_s - self._badges_s < self._config.badge_interval_s

    def _faces_due(self, look: Look, agreed: Agreed) -> list[TrackId]:
        if self._faces is None:
            return []
        time_s = look.capture_time_ns / NS_PER_S
        return [
            track_id
            for track_id in look.track_ids
            if agreed(track_id)
            and track_id not in look.reflections
            and track_id not in look.uncertain
            and time_s >= self._face_due_s.get(track_id, -np.inf)
        ]
