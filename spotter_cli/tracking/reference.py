"""Other trackers on the same detections: ByteTrack alone, ours and that of the package `trackers`."""

from __future__ import annotations

import numpy as np

from spotter_cli.tracking.eye_run import Watched
from spotter_cli.tracking.tracks import TrackedFrame, Tracks
from svc_vision.tracking.bytetrack import ByteTrack, ByteTrackConfig


def by_boxes_alone(watched: Watched) -> Tracks:
    """Our ByteTrack without appearance, as the service would run it."""
    sure = watched.sure_score
    tracker = ByteTrack(ByteTrackConfig(high_score=sure, new_track_score=sure))
    return [
        TrackedFrame.of(tracker.update(people.boxes, people.scores, time_s, people.regions), people.boxes)
        for people, time_s in zip(watched.people, watched.times_s, strict=True)
    ]


def by_trackers_bytetrack(watched: Watched, fps: float) -> Tracks:
    """`ByteTrackTracker` of the package `trackers`, its defaults but for the finder's scale of scores."""
    import supervision
    from trackers import ByteTrackTracker

    sure = watched.sure_score
    tracker = ByteTrackTracker(frame_rate=fps, high_conf_det_threshold=sure, track_activation_threshold=sure)
    tracks: Tracks = []
    for people in watched.people:
        boxes = people.boxes.reshape(-1, 4).astype(np.float64)
        seen = tracker.update(supervision.Detections(xyxy=boxes, confidence=people.scores))
        ids = np.full(0, -1) if seen.tracker_id is None else seen.tracker_id
        tracks.append(TrackedFrame.of(np.where(ids >= 0, ids + 1, -1), np.asarray(seen.xyxy, np.float64)))
    return tracks
