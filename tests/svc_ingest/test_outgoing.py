from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from svc_ingest.outgoing import EveryOutgoing, NewestOutgoing
from svc_ingest.packets import AccessUnit
from tests.svc_ingest.units import unit

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.booleans()),
        st.tuples(st.just("grant"), st.integers(1, 8)),
        st.tuples(st.just("next"), st.integers(1, 8)),
        st.tuples(st.sampled_from(["open", "close"]), st.none()),
    ),
    max_size=150,
)


@given(STEPS)
def test_live_sends_only_what_a_decoder_can_use_and_counts_the_rest(steps: list[tuple[str, object]]) -> None:
    outgoing = NewestOutgoing(limit_units=20)
    offered, credit, sent_ever = 0, 0, set[int]()
    stream: list[AccessUnit] | None = None
    for step, value in steps:
        if step == "offer":
            offered += 1
            outgoing.offer(unit(offered, bool(value)))
        elif step == "open":
            outgoing.open()
            stream, credit = [], 0
        elif step == "close":
            outgoing.close()
            stream = None
        elif stream is not None and step == "grant":
            outgoing.grant(int(str(value)))
            credit += int(str(value))
        elif stream is not None:
            for _ in range(int(str(value))):
                sent = outgoing.next()
                if sent is None:
                    break
                credit -= 1
                assert credit >= 0
                assert sent.key_frame or (stream and stream[-1].sequence == sent.sequence - 1)
                assert not stream or stream[-1].sequence < sent.sequence
                stream.append(sent)
                sent_ever.add(sent.sequence)
    outgoing.close()
    outgoing.offer(unit(offered + 1, key_frame=True))
    assert len(sent_ever) + outgoing.dropped == offered


def test_a_live_vision_that_comes_back_gets_the_group_of_pictures_from_its_key_frame() -> None:
    outgoing = NewestOutgoing()
    outgoing.open()
    outgoing.grant(100)
    for sequence in range(1, 31):
        outgoing.offer(unit(sequence, sequence in (1, 11)))
    while outgoing.next():
        pass
    outgoing.close()
    outgoing.offer(unit(31))
    outgoing.open()
    assert outgoing.next() is None
    outgoing.grant(100)
    assert [sent.sequence for sent in iter(outgoing.next, None)] == list(range(11, 32))
    assert outgoing.dropped == 0


def test_a_long_group_that_was_seen_already_is_not_shown_again() -> None:
    outgoing = NewestOutgoing()
    outgoing.open()
    outgoing.grant(100)
    for sequence in range(1, 61):
        outgoing.offer(unit(sequence, sequence == 1))
    assert len(list(iter(outgoing.next, None))) == 60
    outgoing.open()
    outgoing.grant(100)
    outgoing.offer(unit(61))
    outgoing.offer(unit(62, key_frame=True))
    assert [sent.sequence for sent in iter(outgoing.next, None)] == [62]
    assert outgoing.dropped == 1


def test_without_credit_live_skips_to_the_next_key_frame() -> None:
    outgoing = NewestOutgoing()
    outgoing.open()
    outgoing.grant(2)
    taken = [
        outgoing.offer(unit(sequence, sequence in (1, 6))) and outgoing.next() is not None for sequence in range(1, 8)
    ]
    assert taken == [True, True, False, False, False, False, False]
    outgoing.grant(9)
    assert [sent.sequence for sent in iter(outgoing.next, None)] == [6, 7]
    assert outgoing.dropped == 3


def test_every_sends_all_again_that_is_not_known_to_be_analysed() -> None:
    outgoing = EveryOutgoing()
    outgoing.open()
    outgoing.grant(200)
    for sequence in range(1, 151):
        outgoing.offer(unit(sequence, sequence % 25 == 1))
    assert len(list(iter(outgoing.next, None))) == 150
    outgoing.acknowledge(120)
    outgoing.close()
    outgoing.open()
    outgoing.grant(200)
    again = list(iter(outgoing.next, None))
    assert again[0].key_frame and again[0].sequence == 76
    assert [sent.sequence for sent in again] == list(range(76, 151))
    assert outgoing.acknowledged_ns == unit(120).presentation_ns


def test_every_asks_for_a_pause_when_enough_waits() -> None:
    outgoing = EveryOutgoing()
    for sequence in range(1, 65):
        assert not outgoing.full
        outgoing.offer(unit(sequence, sequence == 1))
    assert outgoing.full
    outgoing.open()
    outgoing.grant(1)
    assert outgoing.next() is not None
    assert not outgoing.full
