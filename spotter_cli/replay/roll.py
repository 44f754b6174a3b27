"""Whose tracks they are: from looks to the observations of each person."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.ids import PersonId, TrackId, new_id
from spotter_cli.replay.reel import NS_PER_S
from svc_identity.roster import Roster
from svc_identity.sightings import Box, Sighting, SightingBatch
from svc_motion.observation import KeypointSchema, Observation
from svc_vision import people as vision_people
from svc_vision.eye import Look

SIGHTING_INTERVAL_NS = NS_PER_S
_SCHEMAS = {
    vision_people.KeypointSchema.COCO_17: KeypointSchema.COCO_17,
    vision_people.KeypointSchema.BLAZEPOSE_33: KeypointSchema.BLAZEPOSE_33,
}


class Roll:
    """The people of one film, as identity would know them from one camera."""

    def __init__(self) -> None:
        self._roster = Roster()
        self._people: dict[TrackId, PersonId] = {}
        self._seen_ns: dict[PersonId, int] = {}
        """When each was seen last."""
        self._told_ns = 0

    def observations(self, look: Look) -> Iterator[tuple[PersonId, Observation]]:
        """Everybody in one look whose person is known, as motion would get them."""
        unknown = any(track not in self._people for track in look.track_ids)
        if unknown or look.capture_time_ns - self._told_ns >= SIGHTING_INTERVAL_NS:
            self._resolve(look)
        schema = _SCHEMAS[look.people.schema]
        depth = schema is KeypointSchema.BLAZEPOSE_33
        keypoints = look.people.keypoints if depth else look.people.coco17()
        for row, track in enumerate(look.track_ids):
            person = self._people.get(track)
            if person is not None:
                before_ns, self._seen_ns[person] = self._seen_ns.get(person, 0), look.capture_time_ns
                yield (
                    person,
                    Observation(
                        look.capture_time_ns,
                        keypoints[row],
                        schema,
                        look.picture.width,
                        look.picture.height,
                        look.people.world[row] if depth else None,
                        after_cut=0 < before_ns < look.cut_time_ns,
                    ),
                )

    def _resolve(self, look: Look) -> None:
        self._told_ns = look.capture_time_ns
        width, height = look.picture.width, look.picture.height
        sightings = tuple(
            Sighting(track, Box(box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            for track, box in zip(look.track_ids, look.people.boxes.tolist(), strict=True)
        )
        batch = SightingBatch("film", look.capture_time_ns, sightings)
        resolution = self._roster.resolve(batch)
        for newcomer in resolution.newcomers:
            person = PersonId(new_id())
            self._roster.admit(batch, newcomer, person)
            self._people[TrackId(newcomer.track_id)] = person
        for track, (person, _) in resolution.assigned.items():
            self._people[TrackId(track)] = person
