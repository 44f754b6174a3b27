"""What a frame says of a cut reaches the watch over people."""

from __future__ import annotations

import pytest

from mesh.ids import new_id
from spotter.motion.v1 import safety_pb2
from tests.svc_motion.safety.acting import View, film
from tests.svc_motion.safety.falls import FALL_S, KINDS, LENGTH_S
from tests.svc_motion.safety.test_alerts import frame_of, stubs
from tests.svc_motion.test_service import follow, motion_service, port

__all__ = ["port"]
SEEN = film(KINDS["left"], LENGTH_S, View())


@pytest.mark.parametrize(("cut_after_s", "alerts"), [(1.1, 0), (2.0, 1)])
async def test_a_fall_across_a_cut_raises_no_alert(
    nats_url: str, postgres_url: str, port: int, cut_after_s: float, alerts: int
) -> None:
    gym_id, person_id = f"gym-{new_id()[:8]}", new_id()
    requests = [frame_of(person_id, index, seen) for index, seen in enumerate(SEEN)]
    cut_ns = SEEN[0].capture_time_ns + round((FALL_S + cut_after_s) * 1e9)
    # the frame that follows the cut itself was dropped: those after it still say when it was
    sent = [one for one in requests if not 0 <= one.frame.capture_time_ns - cut_ns < 70_000_000]
    for request in sent:
        if request.frame.capture_time_ns >= cut_ns:
            request.frame.cut_time_ns = cut_ns
    async with motion_service(nats_url, postgres_url, port), stubs(port) as (motion, safety):
        await follow(motion, gym_id, sent, end=True)
        found = (await safety.ListAlerts(safety_pb2.ListAlertsRequest(gym_id=gym_id))).alerts
    assert len(found) == alerts
