"""Every state and event, waiting times, and what a failure stops."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.runbook import rules
from console.runbook.rules import Event, NotNow, Policy, State

TABLE = {
    "planned": "claim:running run_now:due skip:skipped",
    "due": "claim:running run_now:due skip:skipped",
    "running": "claim:running accept:verifying succeed:verified back_off:due"
    " fail:failed",
    "verifying": "claim:verifying accept:verifying succeed:verified back_off:verifying"
    " fail:failed skip:skipped revert:reverting",
    "verified": "revert:reverting",
    "failed": "retry:due retry_revert:reverting skip:skipped revert:reverting",
    "skipped": "revert:reverting",
    "reverting": "claim:reverting accept:reverting back_off:reverting fail:failed"
    " finish_revert:reverted",
    "reverted": "",
}
EXPECTED = {
    (State(state), Event(event)): State(follows)
    for state, row in TABLE.items()
    for event, _, follows in (cell.partition(":") for cell in row.split())
}


@pytest.mark.parametrize("state,event", list(itertools.product(State, Event)))
def test_every_state_meets_every_event(state: State, event: Event) -> None:
    expected = EXPECTED.get((state, event))
    assert rules.allows(state, event) is (expected is not None)
    if expected:
        assert rules.after(state, event) == expected
    else:
        with pytest.raises(NotNow, match=state.value):
            rules.after(state, event)


def test_states_are_open_or_finished() -> None:
    assert set(State) == rules.OPEN | rules.FINISHED
    assert not rules.OPEN & rules.FINISHED
    assert rules.OPEN == rules.NOT_STARTED | rules.LEASED


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("state", list(State))
def test_what_a_failure_stops(state: State, policy: Policy) -> None:
    done = state in {State.VERIFIED, State.SKIPPED, State.REVERTED}
    tolerated = state == State.FAILED and policy in {Policy.DEGRADE, Policy.IGNORE}
    assert rules.settled(state, policy) is (done or tolerated)


@pytest.mark.parametrize(
    "policy,loud",
    [(Policy.BLOCKER, "bad"), (Policy.DEGRADE, "warn"), (Policy.IGNORE, "")],
)
def test_how_loud_a_failure_is(policy: Policy, loud: str) -> None:
    assert rules.alarm(State.FAILED, policy) == loud
    assert rules.alarm(State.VERIFIED, policy) == ""


@given(st.integers(1, 100))
def test_backoff_jitters_below_doubling_and_its_cap(tries: int) -> None:
    assert 0 <= rules.backoff_s(tries) <= min(300, 2 ** min(tries, 8))


def test_backoff_uses_the_whole_width() -> None:
    waits = [rules.backoff_s(8) for _ in range(400)]
    assert min(waits) < 64 < 192 < max(waits)


@given(st.floats(0, 250))
def test_a_wait_they_asked_for_is_kept(asked: float) -> None:
    assert asked <= rules.backoff_s(1, asked) <= asked * 1.1 + 1e-9


def test_a_wait_they_asked_for_is_capped() -> None:
    assert rules.backoff_s(1, 3600) == 300


def test_names_are_joined_as_one_says_them() -> None:
    assert rules.sentence(["a"]) == "a"
    assert rules.sentence(["a", "b", "c"]) == "a, b and c"
