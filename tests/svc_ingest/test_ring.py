from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from svc_ingest.ring import PacketRing, RingLimits
from tests.svc_ingest.units import FORMAT, FRAME_NS, OTHER_FORMAT, unit


@given(
    keys=st.lists(st.booleans(), max_size=200),
    size=st.integers(1, 50),
    start=st.integers(0, 200),
    length=st.integers(0, 200),
)
def test_a_cut_begins_with_a_key_frame_and_has_no_gaps(keys: list[bool], size: int, start: int, length: int) -> None:
    ring = PacketRing(RingLimits(2.0, 2000))
    for index, key in enumerate(keys):
        ring.add(unit(index + 1, key, size))
        assert ring.size_bytes <= 2000
    cut = ring.cut(start * FRAME_NS, (start + length) * FRAME_NS)
    if cut:
        assert cut[0].key_frame
        sequences = [each.sequence for each in cut]
        assert sequences == list(range(sequences[0], sequences[0] + len(cut)))
        assert cut[-1].capture_time_ns <= (start + length) * FRAME_NS


def test_the_last_seconds_are_kept_back_to_a_key_frame() -> None:
    ring = PacketRing(RingLimits(2.0, 10**6))
    for sequence in range(1, 301):
        ring.add(unit(sequence, key_frame=sequence % 25 == 1))
    cut = ring.cut(0, 301 * FRAME_NS)
    assert cut[0].key_frame
    assert 2.0 <= (cut[-1].capture_time_ns - cut[0].capture_time_ns) / 1e9 <= 3.0


def test_a_cut_begins_at_the_key_frame_before_and_ends_in_time() -> None:
    ring = PacketRing(RingLimits(15.0, 10**6))
    for sequence in range(1, 101):
        ring.add(unit(sequence, key_frame=sequence % 25 == 1))
    cut = ring.cut(60 * FRAME_NS, 80 * FRAME_NS)
    assert (cut[0].sequence, cut[-1].sequence) == (51, 80)


def test_a_clip_has_the_format_of_its_end() -> None:
    ring = PacketRing(RingLimits())
    for sequence in range(1, 51):
        ring.add(unit(sequence, sequence % 25 == 1, found=FORMAT if sequence <= 25 else OTHER_FORMAT))
    cut = ring.cut(FRAME_NS, 50 * FRAME_NS)
    assert cut[0].sequence == 26 and {each.format for each in cut} == {OTHER_FORMAT}


def test_what_is_gone_or_never_was_can_not_be_cut() -> None:
    ring = PacketRing(RingLimits(1.0, 10**6))
    assert ring.cut(0, 10**12) == []
    for sequence in range(1, 101):
        ring.add(unit(sequence, key_frame=sequence % 25 == 1))
    assert ring.cut(FRAME_NS, 10 * FRAME_NS) == []
    assert ring.cut(200 * FRAME_NS, 210 * FRAME_NS) == []
