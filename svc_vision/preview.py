"""Newest picture of each camera, for whoever wants to look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import cv2
import numpy as np

from mesh import times
from mesh.ids import CameraId, GymId, PersonId
from spotter.vision.v1 import vision_pb2
from svc_vision.eye import Look
from svc_vision.wire import keypoints_message

JPEG_QUALITY = 75


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A look with the people it shows."""

    look: Look
    person_ids: tuple[PersonId | None, ...]


class PreviewHub:
    """Keeps the newest picture of each camera and wakes those who wait for the next one."""

    def __init__(self) -> None:
        self._newest: dict[tuple[GymId, CameraId], Preview] = {}
        self._changed: dict[tuple[GymId, CameraId], asyncio.Event] = {}

    def show(self, gym_id: GymId, camera_id: CameraId, picture: Preview) -> None:
        """This is the newest picture of the camera."""
        self._newest[gym_id, camera_id] = picture
        if event := self._changed.get((gym_id, camera_id)):
            event.set()

    def close(self, gym_id: GymId, camera_id: CameraId) -> None:
        """Nobody watches the camera any more."""
        self._newest.pop((gym_id, camera_id), None)
        if event := self._changed.pop((gym_id, camera_id), None):
            event.set()

    async def next(self, gym_id: GymId, camera_id: CameraId, after: Preview | None) -> Preview | None:
        """The newest picture that isn't `after`; waits for it. None once the camera is closed."""
        while True:
            newest = self._newest.get((gym_id, camera_id))
            if newest is not after:
                return newest
            event = self._changed.setdefault((gym_id, camera_id), asyncio.Event())
            event.clear()
            await event.wait()


def encode(picture: Preview, max_width_px: int) -> vision_pb2.StreamPreviewResponse:
    """A picture as a JPEG of at most this width, with its people's keypoints in px of the JPEG."""
    look = picture.look
    width_px, height_px = look.picture.width, look.picture.height
    scale = min(1.0, max_width_px / width_px)
    size = (round(width_px * scale), round(height_px * scale))
    small = look.picture.small_bgr(*size) if scale < 1 else look.picture.bgr()
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    boxes = look.people.boxes / np.array([width_px, height_px, width_px, height_px], np.float32)
    return vision_pb2.StreamPreviewResponse(
        capture_time=times.to_timestamp(look.capture_time_ns),
        jpeg=jpeg.tobytes(),
        width_px=size[0],
        height_px=size[1],
        people=[
            vision_pb2.PreviewPerson(
                person_id=person_id or "", track_id=track_id, left=box[0], top=box[1], right=box[2], bottom=box[3]
            )
            for person_id, track_id, box in zip(picture.person_ids, look.track_ids, boxes.tolist(), strict=True)
        ],
        keypoints=keypoints_message(look.people, scale, depth=False),
    )
