"""Frames with ids drawn on: those in which an id went wrong, or a whole film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from spotter_cli.scene import Sight
from spotter_cli.scene.encode import encode_h264
from spotter_cli.tracking.evaluation import FilmResult, Judged
from spotter_cli.tracking.tracks import TrackedFrame

_MOST_PICTURES = 12
_TRUE, _TEXT_SIZE = (255, 255, 255), 0.6

Bgr = NDArray[np.uint8]


def save_wrong_frames(result: FilmResult, judged: Judged, folder: Path) -> int:
    """Writes the frame of each switch of an id beside the frame before it, as PNG; says how many.

    Pictures of an earlier run are removed.
    """
    for old in folder.glob("*.png"):
        old.unlink()
    wanted = {switch.frame: switch for switch in judged.mistakes.switches[:_MOST_PICTURES]}
    before: Bgr | None = None
    for index, picture in enumerate(_frames(result.film.video)):
        drawn = annotated(picture, judged.tracks[index], result.sight, index)
        switch = wanted.get(index)
        if switch is not None and before is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{index:04d}_person_{switch.person + 1}_{switch.before}_to_{switch.after}.png"
            cv2.imwrite(str(folder / name), np.hstack([before, drawn]))
        before = drawn
    return len(wanted)


def save_film(result: FilmResult, judged: Judged, path: Path) -> None:
    """Writes the film with ids as H.264."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = (
        annotated(picture, judged.tracks[index], result.sight, index)
        for index, picture in enumerate(_frames(result.film.video))
    )
    width, height = (int(v) for v in result.sight.size_px[0])
    pictures = (np.asarray(cv2.cvtColor(one, cv2.COLOR_BGR2YUV_I420), np.uint8) for one in drawn)
    encode_h264(path, result.film.fps, (width, height), pictures)


def annotated(picture: Bgr, frame: TrackedFrame, sight: Sight, index: int) -> Bgr:
    """The picture with the boxes that have an id, coloured by it, and thin white ones with the number of the truth."""
    drawn = picture.copy()
    for person, box in enumerate(sight.visible_boxes[index]):
        if np.isfinite(box).all():
            left, top, right, bottom = (int(v) for v in box)
            cv2.rectangle(drawn, (left, top), (right, bottom), _TRUE, 1)
            cv2.putText(drawn, f"person {person + 1}", (left, bottom + 16), 0, 0.45, _TRUE, 1, cv2.LINE_AA)
    for number, box in zip(frame.ids.tolist(), frame.boxes, strict=True):
        left, top, right, bottom = (int(v) for v in box)
        colour = _colour(number)
        cv2.rectangle(drawn, (left, top), (right, bottom), colour, 2)
        cv2.putText(drawn, str(number), (left, max(top - 5, 14)), 0, _TEXT_SIZE, colour, 2, cv2.LINE_AA)
    cv2.putText(drawn, f"frame {index}", (8, 22), 0, _TEXT_SIZE, _TRUE, 1, cv2.LINE_AA)
    return drawn


def _colour(number: int) -> tuple[int, int, int]:
    """A BGR colour of its own for each id: steps of the golden angle around the hues."""
    hue = np.array([[[number * 137.5 % 360 / 2, 210, 255]]], np.uint8)
    blue, green, red = cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0].tolist()
    return int(blue), int(green), int(red)


def _frames(video: Path) -> Iterator[Bgr]:
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
