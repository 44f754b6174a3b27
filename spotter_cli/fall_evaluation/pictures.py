"""A strip of pictures of each miss and each false alarm, with what the eye saw drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from spotter_cli.fall_evaluation.evaluation import FallResult
from spotter_cli.fall_evaluation.judging import Alert
from spotter_cli.fall_evaluation.seeing import Seen

_HEIGHT_PX = 200
_LEAST_CONFIDENCE = 0.3
_BONES_17 = (
    (5, 6),
    (5, 7),
    (7, 9),
    (6, 8),
    (8, 10),
    (5, 11),
    (6, 12),
    (11, 12),
    (11, 13),
    (13, 15),
    (12, 14),
    (14, 16),
)
_BLAZEPOSE = {5: 11, 6: 12, 7: 13, 8: 14, 9: 15, 10: 16, 11: 23, 12: 24, 13: 25, 14: 26, 15: 27, 16: 28}
_BONES_33 = tuple((_BLAZEPOSE[first], _BLAZEPOSE[last]) for first, last in _BONES_17)
_TEXT, _BONE = (255, 255, 255), (0, 220, 255)

Bgr = NDArray[np.uint8]


def save_miss(result: FallResult, video: Path, seen: Seen, folder: Path) -> None:
    """The fall from half a second before it to when it should have been told."""
    start_s, end_s = result.film.start_s, result.film.end_s
    middle_s = (start_s + end_s) / 2
    times_s = [start_s - 0.5, start_s, middle_s, (middle_s + end_s) / 2, end_s, end_s + 0.5, end_s + 1, end_s + 2]
    _save(video, seen, times_s, f"{result.film.name}: missed", folder / f"missed_{result.film.name}.png")


def save_false(name: str, alert: Alert, video: Path, seen: Seen, folder: Path) -> None:
    """From before what was taken for a fall to the alert."""
    times_s = [alert.began_s - 0.5, *np.linspace(alert.began_s, alert.decided_s, 6).tolist(), alert.decided_s + 1]
    title = f"{name}: {alert.kind} of track {alert.track}"
    _save(video, seen, times_s, title, folder / f"false_{name}_{alert.decided_s:.1f}s.png")


def _save(video: Path, seen: Seen, times_s: Sequence[float], title: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    strip = [annotated(picture, seen, at_s) for at_s, picture in _at(video, times_s)]
    if not strip:
        return
    cv2.putText(strip[0], title, (4, _HEIGHT_PX - 8), 0, 0.4, _TEXT, 1, cv2.LINE_AA)
    cv2.imwrite(str(path), np.hstack(strip))


def annotated(picture: Bgr, seen: Seen, time_s: float) -> Bgr:
    """The picture of a time, small, with the skeletons of the nearest look."""
    drawn = picture.copy()
    look = int(np.argmin(np.abs(seen.times_s - time_s))) if len(seen.times_s) else -1
    for row in np.flatnonzero(seen.looks == look).tolist():
        joints = seen.keypoints[row]
        for first, last in _BONES_33 if len(joints) == 33 else _BONES_17:
            if min(joints[first, 2], joints[last, 2]) >= _LEAST_CONFIDENCE:
                ends = [(int(x), int(y)) for x, y in joints[[first, last], :2]]
                cv2.line(drawn, ends[0], ends[1], _BONE, max(1, len(drawn) // 200), cv2.LINE_AA)
        left, top = (int(v) for v in seen.boxes[row, :2])
        cv2.putText(drawn, str(seen.tracks[row]), (left, max(top - 4, 12)), 0, 0.6, _BONE, 2, cv2.LINE_AA)
    width = max(2, round(drawn.shape[1] * _HEIGHT_PX / drawn.shape[0]))
    small = np.asarray(cv2.resize(drawn, (width, _HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)
    cv2.putText(small, f"{time_s:.1f} s", (4, 14), 0, 0.45, _TEXT, 1, cv2.LINE_AA)
    return small


def _at(video: Path, times_s: Sequence[float]) -> list[tuple[float, Bgr]]:
    """The first picture at or after each time; fewer where the film is shorter."""
    found: list[tuple[float, Bgr]] = []
    left = sorted(max(0.0, time_s) for time_s in times_s)
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            while left and frame.time is not None and frame.time >= left[0] - 1e-3:
                found.append((left.pop(0), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)))
            if not left:
                break
    return found
