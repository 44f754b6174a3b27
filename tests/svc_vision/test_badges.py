"""QR codes of badges on real pictures of people."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from mesh.ids import TrackId
from svc_vision.badges import PEOPLE_A_SEARCH, BadgeReader
from svc_vision.executors.local import LocalExecutor
from svc_vision.people import People
from svc_vision.picture import Picture
from svc_vision.yolo.config import YoloConfig
from svc_vision.yolo.yolo_finder import YoloFinder

TEXT = "member-4711"


@pytest.fixture(scope="module")
def frame(shared: Path, yolo: LocalExecutor) -> tuple[np.ndarray, People]:
    """Two people of a real clip, the woman on the left."""
    ok, bgr = cv2.VideoCapture(str(shared / "videos" / "reid_womanB_coachC_011.mp4")).read()
    assert ok
    people = YoloFinder(yolo, YoloConfig()).update(Picture.of(bgr))
    tall = [row for row in range(len(people)) if people.boxes[row, 3] - people.boxes[row, 1] > 400]
    assert len(tall) == 2
    return bgr, people.rows(sorted(tall, key=lambda row: people.boxes[row, 0]))


def code(text: str, side_px: int) -> np.ndarray:
    png = io.BytesIO()
    segno.make_qr(text, error="m").save(png, kind="png", scale=8, border=4)
    image = cv2.imdecode(np.frombuffer(png.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    return cv2.resize(image, (side_px, side_px), interpolation=cv2.INTER_AREA)


def wearing(bgr: np.ndarray, at: tuple[float, float], text: str = TEXT, side_px: int = 80) -> np.ndarray:
    """The picture with a badge, as a camera would blur it."""
    worn = bgr.copy()
    x, y = round(at[0] - side_px / 2), round(at[1] - side_px / 2)
    worn[y : y + side_px, x : x + side_px] = code(text, side_px)
    return cv2.GaussianBlur(worn, (3, 3), 0.6)


def chest(box: np.ndarray) -> tuple[float, float]:
    return float(box[0] + box[2]) / 2, float(box[1] + 0.35 * (box[3] - box[1]))


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("side_px", [80, 110, 140])
def test_a_badge_belongs_to_who_wears_it(frame: tuple[np.ndarray, People], row: int, side_px: int) -> None:
    bgr, people = frame
    worn = wearing(bgr, chest(people.boxes[row]), side_px=side_px)
    assert BadgeReader().read(worn, people.boxes, [TrackId(7), TrackId(9)]) == {TrackId(7 + 2 * row): TEXT}


def test_no_badge_reads_as_none(frame: tuple[np.ndarray, People]) -> None:
    bgr, people = frame
    assert BadgeReader().read(bgr, people.boxes, [TrackId(7), TrackId(9)]) == {}


def test_a_code_on_the_wall_is_nobodys(frame: tuple[np.ndarray, People]) -> None:
    bgr, people = frame
    aside = float(people.boxes[0, 0]) - 150, 360.0
    assert BadgeReader().read(wearing(bgr, aside), people.boxes, [TrackId(7), TrackId(9)]) == {}


def test_a_code_within_two_boxes_is_nobodys(frame: tuple[np.ndarray, People]) -> None:
    bgr, people = frame
    boxes = np.stack([people.boxes[0], people.boxes[0] + [5, 0, 5, 0]]).astype(np.float32)
    assert BadgeReader().read(wearing(bgr, chest(boxes[0])), boxes, [TrackId(7), TrackId(9)]) == {}


def test_people_are_searched_in_turn(frame: tuple[np.ndarray, People]) -> None:
    bgr, people = frame
    boxes = np.repeat(people.boxes[:1], 2 * PEOPLE_A_SEARCH, axis=0)
    boxes[:-1, [0, 2]] = [10, 200]
    reader, ids = BadgeReader(), [TrackId(1 + number) for number in range(len(boxes))]
    worn = wearing(bgr, chest(boxes[-1]))
    assert reader.read(worn, boxes, ids) == {}
    assert reader.read(worn, boxes, ids) == {ids[-1]: TEXT}
