from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from svc_ingest.states import NS_PER_S, Backoff, CameraStates, State, Transition

STEPS = st.lists(
    st.tuples(st.sampled_from(["opening", "frame", "tick", "failed", "ended"]), st.integers(0, 15 * NS_PER_S)),
    max_size=40,
)


@given(STEPS)
def test_transitions_form_one_chain_whatever_happens(steps: list[tuple[str, int]]) -> None:
    states, now_ns, state, last_frame_ns = CameraStates(20.0), 0, State.CONNECTING, 0
    for step, wait_ns in steps:
        now_ns += wait_ns
        steps_of: dict[str, Callable[[int], Transition | None]] = {
            "opening": lambda now: states.opening("opening", now),
            "frame": states.frame,
            "tick": states.tick,
            "failed": lambda now: states.failed("broken", now),
            "ended": lambda now: states.ended("", now),
        }
        change = steps_of[step](now_ns)
        if change is not None:
            assert change.previous is state
            assert state is not State.ENDED
            assert change.state is not State.STALLED or now_ns - last_frame_ns >= 20 * NS_PER_S
            state = change.state
        if step == "frame":
            last_frame_ns = now_ns
            assert state in (State.LIVE, State.ENDED)
        assert states.state is state


def test_twenty_seconds_without_a_frame_mean_stalled_and_the_next_frame_ends_it() -> None:
    states = CameraStates(20.0)
    states.frame(0)
    assert states.tick(19 * NS_PER_S) is None
    stalled = states.tick(20 * NS_PER_S)
    assert stalled is not None and stalled.state is State.STALLED and "20 s" in stalled.detail
    live = states.frame(21 * NS_PER_S)
    assert live is not None and live.state is State.LIVE and not live.detail


def test_a_failed_camera_stays_failed_while_it_is_tried_again() -> None:
    states = CameraStates(20.0)
    states.failed("nothing listens", 1)
    assert states.opening("", 2) is None
    assert states.detail == "nothing listens"


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(1.0, 30.0)
    assert [backoff.next_s() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next_s() == 1
