"""Planning, claiming, running, and what a person may do to a step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from console.runbook import operations, rules
from console.runbook.handlers import UnknownKind
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.make import NOW
from tests.runbook.kinds import broken, flaky, refused, run_due, world

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=10)


def test_the_same_key_is_the_same_step() -> None:
    first = make.step("a", title="First")
    second = make.step("a", title="Second")
    assert first.pk == second.pk
    assert second.title == "First"


def test_a_kind_nobody_handles_is_not_planned() -> None:
    with pytest.raises(UnknownKind):
        make.step(kind="nobody.knows")


def test_a_due_step_is_applied_verified_and_timed() -> None:
    make.step("a", target="x", wanted={"dial": 7}, due_at=NOW - timedelta(seconds=3))
    (step,) = run_due()
    assert step.state == State.VERIFIED
    assert world.dials == {"x": 7}
    assert step.before == {"dial": 0}
    assert step.applied == step.seen == {"dial": 7}
    assert step.lateness_s == pytest.approx(3.0)
    assert step.lease_until is None
    assert step.finished_at is not None


def test_a_step_before_its_time_stays() -> None:
    make.step(due_at=LATER)
    assert run_due() == []
    assert len(run_due(LATER)) == 1


def test_what_comes_after_waits_until_it_is_settled() -> None:
    make.step("a")
    make.step("b", after=["a"])
    make.step("c", after=["a", "b"])
    assert [s.key for s in run_due()] == ["a"]
    assert [s.key for s in run_due()] == ["b"]
    assert [s.key for s in run_due()] == ["c"]


def test_a_missing_key_blocks() -> None:
    make.step("b", after=["nobody"])
    assert run_due() == []


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("policy", list(rules.Policy))
def test_the_database_settles_as_the_rule_does(state, policy) -> None:
    first = make.step("a", policy=policy, due_at=LATER + timedelta(days=1))
    force(first, state)
    make.step("b", after=["a"])
    free = Step.objects.claimable(LATER).filter(key="b").exists()
    assert free is rules.settled(state, policy)


def force(step: Step, state: State) -> None:
    """Put a step into a state, with what the constraints ask for."""
    finished = NOW if state in rules.FINISHED else None
    Step.objects.filter(pk=step.pk).update(
        state=state,
        finished_at=finished,
        lease_until=NOW if state == State.RUNNING else None,
        undoing=state in {State.REVERTING, State.REVERTED},
        reason="because",
        error="it broke",
        seen={},
        started_at=NOW,
    )


def test_waiting_for_others_is_not_lateness() -> None:
    make.step("a", due_at=NOW)
    make.step("b", after=["a"], due_at=NOW)
    run_due(NOW + timedelta(seconds=100))
    run_due(NOW + timedelta(seconds=102))
    a, b = Step.objects.order_by("key")
    assert a.lateness_s == pytest.approx(100, abs=0.1)
    assert b.lateness_s == pytest.approx(2, abs=0.1)


def test_accepted_but_not_in_effect_is_verified_later() -> None:
    world.pending["a"] = 2
    make.step("a", target="x")
    (step,) = run_due()
    assert (step.state, step.note, step.progress) == (State.VERIFYING, "turning", 0.5)
    assert run_due() == []
    (step,) = run_due(NOW + timedelta(seconds=2))
    assert step.state == State.VERIFYING
    (step,) = run_due(NOW + timedelta(seconds=4))
    assert step.state == State.VERIFIED
    assert step.tries == 1
    assert world.calls["turned x"] == 1
    assert world.calls["before x"] == 1


def test_a_transient_failure_backs_off_and_heals() -> None:
    world.failing = [flaky(), flaky(5.0)]
    make.step("a")
    (step,) = run_due()
    assert (step.state, step.error_kind) == (State.DUE, "rate_limited")
    assert NOW <= step.ready_at <= NOW + timedelta(seconds=2.1)
    (step,) = run_due(LATER)
    asked = (step.ready_at - LATER).total_seconds()
    assert 5.0 <= asked <= 5.6
    (step,) = run_due(LATER + timedelta(seconds=6))
    assert (step.state, step.tries, step.error) == (State.VERIFIED, 3, "")


def test_too_many_tries_fail() -> None:
    world.failing = [flaky() for _ in range(3)]
    make.step("a", max_tries=3)
    for minute in range(3):
        (step,) = run_due(NOW + timedelta(minutes=minute))
    assert (step.state, step.tries, step.error) == (State.FAILED, 3, "busy")


@pytest.mark.parametrize(
    "error,kind",
    [
        (broken(), "not_found"),
        (refused(), "not_like_this"),
        (ZeroDivisionError(), "bug"),
    ],
)
def test_a_permanent_failure_fails_at_once(error: Exception, kind: str) -> None:
    world.failing = [error]
    make.step("a")
    (step,) = run_due()
    assert (step.state, step.error_kind, step.tries) == (State.FAILED, kind, 1)


def test_before_is_kept_from_the_first_try() -> None:
    world.dials["x"] = 2
    world.failing = [flaky()]
    make.step("a", target="x")
    run_due()
    world.dials["x"] = 99
    (step,) = run_due(LATER)
    assert step.before == {"dial": 2}


def test_a_lease_that_ended_is_taken_over_and_the_first_worker_is_refused() -> None:
    make.step("a", target="x")
    (stale,) = operations.claim_due(now=NOW)
    assert operations.claim_due(now=NOW + timedelta(seconds=59)) == []
    over = NOW + timedelta(seconds=60)
    (fresh,) = operations.claim_due(now=over)
    assert fresh.fence == stale.fence + 1
    assert operations.run(stale, now=over) is None
    step = operations.run(fresh, now=over)
    assert step is not None
    assert (step.state, step.tries) == (State.VERIFIED, 2)


def test_a_result_that_comes_after_the_take_over_is_not_written() -> None:
    make.step("a", target="x")
    (stale,) = operations.claim_due(now=NOW)
    taken: list[operations.Claim] = []
    over = NOW + timedelta(seconds=61)
    world.meanwhile = lambda: taken.extend(operations.claim_due(now=over))
    assert operations.run(stale, now=NOW) is None
    step = Step.objects.get()
    assert (step.state, step.fence) == (State.RUNNING, taken[0].fence)


def test_a_worker_that_dies_each_time_is_given_up() -> None:
    make.step("a", max_tries=2)
    at = NOW
    for _ in range(2):
        operations.claim_due(now=at)
        at += timedelta(seconds=60)
    (step,) = run_due(at)
    assert (step.state, step.error_kind) == (State.FAILED, "gave_up")
    assert world.calls["a"] == 0


def test_cancel_skips_what_is_not_under_way() -> None:
    make.step("a")
    run_due()
    make.step("b", due_at=LATER)
    make.step("c", due_at=LATER, plan="campaign:FS-2")
    assert operations.cancel("campaign:FS-1", reason="Off", actor=None, now=NOW) == 1
    states = dict(Step.objects.values_list("key", "state"))
    assert states == {"a": "verified", "b": "skipped", "c": "planned"}


def test_cancel_keeps_what_puts_things_back() -> None:
    make.step("a", due_at=LATER)
    make.step("back", due_at=LATER)
    plan, keep = "campaign:FS-1", ["back"]
    operations.cancel(plan, reason="Off", actor=None, now=NOW, keep=keep)
    states = dict(Step.objects.values_list("key", "state"))
    assert states == {"a": "skipped", "back": "planned"}


def test_move_follows_the_amended_window() -> None:
    make.step("warm", phase="warm", due_at=LATER, t_offset_s=-60)
    make.step("end", phase="end", due_at=LATER, t_offset_s=60)
    hour = timedelta(hours=1)
    operations.move("campaign:FS-1", closes_by=hour, actor=None, now=NOW)
    operations.move("campaign:FS-1", opens_by=-hour, actor=None, now=NOW)
    warm, end = Step.objects.get(key="warm"), Step.objects.get(key="end")
    assert (warm.due_at, warm.t_offset_s) == (NOW, -60)
    assert (end.due_at, end.t_offset_s) == (LATER + hour, 60 + 7200)
    assert end.ready_at == end.due_at


@pytest.mark.parametrize(
    "name,values",
    [
        ("step_state_is_known", {"state": "odd"}),
        ("step_policy_is_known", {"policy": "odd"}),
        ("step_leased_only_while_worked_on", {"lease_until": NOW}),
        ("step_running_has_a_lease", {"state": "running"}),
        ("step_finished_exactly_when_settled", {"finished_at": NOW}),
        ("step_finished_exactly_when_settled", {"state": "failed", "error": "x"}),
        ("step_skipped_with_a_reason", {"state": "skipped", "finished_at": NOW}),
        ("step_failed_says_why", {"state": "failed", "finished_at": NOW}),
        ("step_verified_was_seen", {"state": "verified", "finished_at": NOW}),
        ("step_reverted_was_undone", {"state": "reverted", "finished_at": NOW}),
        ("step_never_early", {"lateness_s": -1.0}),
    ],
)
def test_the_database_refuses(name: str, values: dict[str, object]) -> None:
    make.step("a")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Step.objects.update(**values)


@pytest.mark.parametrize("state", sorted(rules.OPEN))
def test_the_database_claims_as_the_rule_does(state: State) -> None:
    step = make.step("a")
    force(step, state)
    (claim,) = operations.claim_due(now=LATER)
    claimed = Step.objects.get()
    assert claimed.state == rules.after(state, rules.Event.CLAIM)
    assert claimed.fence == claim.fence == step.fence + 1
    counted = state in rules.NOT_STARTED or state == State.RUNNING
    assert claimed.tries == int(counted)
    assert claimed.lease_until == claimed.ready_at == LATER + timedelta(seconds=60)
