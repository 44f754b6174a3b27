from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from svc_ingest.timeline import NS_PER_S, ArrivalTimeline, FastTimeline, PacedTimeline, StampRepair, Stamps

FRAME_NS = 40_000_000
STAMP = st.one_of(st.none(), st.integers(-(10**9), 10**11))


@given(st.lists(st.tuples(STAMP, STAMP), max_size=60))
def test_decoding_times_always_grow(stamps: list[tuple[int | None, int | None]]) -> None:
    repair, last_ns = StampRepair(None, 0, FRAME_NS), None
    for pts_ns, dts_ns in stamps:
        made = repair.stamp(pts_ns, dts_ns, None)
        assert last_ns is None or made.decode_ns > last_ns
        assert repair.end_ns >= made.presentation_ns + made.duration_ns
        last_ns = made.decode_ns


def test_a_looped_file_goes_on_without_a_gap() -> None:
    repair, shown = StampRepair(1000, 0, FRAME_NS), []
    for _ in range(3):
        for index in (0, 2, 1, 3):
            shown.append(repair.stamp(1000 + index * FRAME_NS, 1000 + index * FRAME_NS, FRAME_NS).presentation_ns)
        repair.restart()
    assert sorted(shown) == [index * FRAME_NS for index in range(12)]


def test_a_source_without_times_gets_the_rate_it_announces() -> None:
    repair = StampRepair(None, 0, FRAME_NS)
    assert [repair.stamp(None, None, None).presentation_ns for _ in range(3)] == [0, FRAME_NS, 2 * FRAME_NS]


def test_a_paced_picture_is_due_when_it_is_decoded_and_captured_when_it_is_shown() -> None:
    timeline = PacedTimeline(10 * NS_PER_S)
    stamps = Stamps(3 * FRAME_NS, FRAME_NS, FRAME_NS)
    assert timeline.due_ns(stamps, 10 * NS_PER_S) == 10 * NS_PER_S + FRAME_NS
    assert timeline.capture_ns(stamps, 10 * NS_PER_S) == 10 * NS_PER_S + 3 * FRAME_NS


def test_after_a_sleeping_machine_pacing_goes_on_from_now() -> None:
    timeline, stamps = PacedTimeline(0), Stamps(FRAME_NS, FRAME_NS, FRAME_NS)
    assert timeline.due_ns(stamps, 60 * NS_PER_S) == 60 * NS_PER_S
    assert timeline.capture_ns(stamps, 60 * NS_PER_S) == 60 * NS_PER_S


def test_a_fast_file_keeps_its_own_times_however_fast_it_is_read() -> None:
    timeline = FastTimeline(5)
    assert timeline.capture_ns(Stamps(7 * FRAME_NS, 0, FRAME_NS), 10**18) == 5 + 7 * FRAME_NS


def test_jitter_of_the_network_hardly_moves_capture_times() -> None:
    timeline, noise = ArrivalTimeline(), random.Random(1)
    errors_ns = []
    for index in range(500):
        stamps = Stamps(index * FRAME_NS, index * FRAME_NS, FRAME_NS)
        now_ns = 10**12 + index * FRAME_NS + noise.randrange(60_000_000)
        captured_ns = timeline.capture_ns(stamps, now_ns)
        assert captured_ns <= now_ns
        errors_ns.append(captured_ns - 10**12 - index * FRAME_NS)
    assert max(errors_ns[100:]) < 5_000_000


def test_a_camera_that_starts_its_clock_anew_is_followed() -> None:
    timeline = ArrivalTimeline()
    timeline.capture_ns(Stamps(3600 * NS_PER_S, 0, FRAME_NS), 10**15)
    assert timeline.capture_ns(Stamps(0, 0, FRAME_NS), 10**15 + FRAME_NS) == 10**15 + FRAME_NS
