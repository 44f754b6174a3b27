"""Which events call for a clip: the first of each fault in a set, the last seconds of a set, and every alert."""

from __future__ import annotations

from mesh import times
from mesh.bus import Bus
from mesh.ids import derived_id
from spotter.common.v1 import safety_pb2
from spotter.events.v1 import events_pb2
from svc_ingest.clip_maker import ClipMaker, ClipWish

FAULTS = "spotter.*.motion.fault_detected.>"
SETS = "spotter.*.motion.set_closed.>"
ALERTS = "spotter.*.motion.safety_alert_raised.>"
SET_REASON = "set"
ALERT_REASONS = {safety_pb2.ALERT_KIND_FALL: "fall", safety_pb2.ALERT_KIND_PINNED: "pinned"}
ALERT_BEFORE_NS, ALERT_AFTER_NS = 3 * times.NS_PER_S, 3 * times.NS_PER_S
"""An alert's clip shows how it began, and what followed."""
LONGEST_ALERT_NS = 12 * times.NS_PER_S
"""Packets are kept for little longer than that; of something longer, the end counts."""


def wish_for(event: events_pb2.Event, clip_ns: int) -> ClipWish | None:
    """The clip that an event calls for; None where it calls for none.

    Ids follow from set and fault, so that a fault that repeats makes one clip, and so does an event that comes twice.
    """
    kind = event.WhichOneof("body")
    capture_ns = times.from_timestamp(event.meta.capture_time)
    gym_id, event_id = event.meta.gym_id, event.meta.event_id
    if kind == "fault_detected":
        fault = event.fault_detected
        return ClipWish(
            derived_id("clip", gym_id, fault.set_id, fault.fault.name),
            gym_id,
            fault.camera_id,
            capture_ns,
            clip_ns,
            fault.fault.name,
            fault.person_id,
            fault.set_id,
            event_id,
        )
    if kind == "set_closed":
        closed = event.set_closed
        # A set closes at its last movement, so its last seconds lie before that.
        return ClipWish(
            derived_id("clip", gym_id, closed.set_id, SET_REASON),
            gym_id,
            closed.camera_id,
            capture_ns - clip_ns // 2,
            clip_ns,
            SET_REASON,
            closed.person_id,
            closed.set_id,
            event_id,
        )
    if kind == "safety_alert_raised":
        return _alert_wish(event, capture_ns)
    return None


def _alert_wish(event: events_pb2.Event, capture_ns: int) -> ClipWish:
    alert = event.safety_alert_raised
    end_ns = capture_ns + ALERT_AFTER_NS
    start_ns = max(times.from_timestamp(alert.begin_time) - ALERT_BEFORE_NS, end_ns - LONGEST_ALERT_NS)
    return ClipWish(
        alert.clip_id,
        event.meta.gym_id,
        alert.camera_id,
        (start_ns + end_ns) // 2,
        end_ns - start_ns,
        ALERT_REASONS.get(alert.kind, "alert"),
        alert.person_id,
        alert.set_id,
        event.meta.event_id,
    )


class ClipEvents:
    """Listens to motion and has the clips cut."""

    def __init__(self, maker: ClipMaker, clip_s: float) -> None:
        self._maker = maker
        self._clip_ns = round(clip_s * times.NS_PER_S)

    def listen(self, bus: Bus) -> None:
        """Takes the events from now on; the place is kept under three names on the bus."""
        bus.consume("ingest-clips-faults", FAULTS, self.handle)
        bus.consume("ingest-clips-sets", SETS, self.handle)
        bus.consume("ingest-clips-alerts", ALERTS, self.handle)

    async def handle(self, event: events_pb2.Event) -> None:
        """Begins to cut the clip of an event and doesn't wait for it: the next event may be of another camera.

        What is lost with the process is lost with the packets it held.
        """
        wish = wish_for(event, self._clip_ns)
        if wish is None:
            return
        self._maker.begin(wish).add_done_callback(_seen)


def _seen(done: object) -> None:
    """The maker has logged what went wrong."""
