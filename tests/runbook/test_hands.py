"""What people do to a step: run now, retry, skip, revert."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.audit.models import Entry
from console.runbook import operations, rules
from console.runbook.rules import State
from tests import make
from tests.make import NOW
from tests.runbook.kinds import broken, run_due, world

pytestmark = pytest.mark.django_db


LATER = NOW + timedelta(seconds=10)


def test_run_now_does_not_wait_for_the_time() -> None:
    step = make.step("a", due_at=LATER)
    operations.run_now(step.pk, actor=make.user("operator"), now=NOW)
    (step,) = run_due()
    assert (step.state, step.lateness_s) == (State.VERIFIED, 0.0)
    assert Entry.objects.get().verb == "runbook.run_now"


def test_run_now_still_waits_for_what_comes_first() -> None:
    make.step("a", title="Raise the floor", due_at=LATER)
    step = make.step("b", after=["a"], due_at=LATER)
    with pytest.raises(rules.StillBlocked, match="Raise the floor"):
        operations.run_now(step.pk, actor=None, now=NOW)


def test_retry_gives_all_tries_again() -> None:
    world.failing = [broken()]
    make.step("a")
    (step,) = run_due()
    operations.retry(step.pk, actor=None, now=LATER)
    (step,) = run_due(LATER)
    assert (step.state, step.tries, step.error) == (State.VERIFIED, 1, "")


def test_skip_wants_a_reason_and_frees_those_behind() -> None:
    step = make.step("a")
    make.step("b", after=["a"])
    with pytest.raises(rules.ReasonMissing):
        operations.skip(step.pk, reason="  ", actor=None, now=NOW)
    operations.skip(step.pk, reason="Not needed", actor=None, now=NOW)
    assert [s.key for s in run_due()] == ["b"]
    entry = Entry.objects.get()
    assert (entry.reason, entry.after) == ("Not needed", {"state": "skipped"})


def test_a_running_step_is_left_alone() -> None:
    step = make.step("a")
    operations.claim_due(now=NOW)
    for act in (operations.run_now, operations.retry, operations.revert):
        with pytest.raises(rules.NotNow):
            act(step.pk, actor=None, now=NOW)
    with pytest.raises(rules.NotNow):
        operations.skip(step.pk, reason="x", actor=None, now=NOW)
    assert Entry.objects.count() == 0


def test_revert_puts_back_what_was_there() -> None:
    world.dials["x"] = 2
    make.step("a", target="x", wanted={"dial": 9})
    (step,) = run_due()
    operations.revert(step.pk, actor=None, now=LATER)
    (step,) = run_due(LATER)
    assert step.state == State.REVERTED
    assert world.dials["x"] == 2


def test_revert_refuses_to_overwrite_a_drift_and_can_be_retried() -> None:
    make.step("a", target="x", wanted={"dial": 9})
    (step,) = run_due()
    world.dials["x"] = 4
    operations.revert(step.pk, actor=None, now=LATER)
    (step,) = run_due(LATER)
    assert (step.state, step.error_kind) == (State.FAILED, "drifted")
    assert "somebody else turned it" in step.error
    assert world.dials["x"] == 4
    world.dials["x"] = 9
    operations.retry(step.pk, actor=None, now=LATER)
    (step,) = run_due(LATER)
    assert step.state == State.REVERTED
    assert world.dials["x"] == 0


def test_what_never_ran_or_changes_nothing_cannot_be_reverted() -> None:
    step = make.step("a", due_at=LATER)
    operations.skip(step.pk, reason="x", actor=None, now=NOW)
    with pytest.raises(rules.CannotRevert):
        operations.revert(step.pk, actor=None, now=NOW)
    make.step("b", kind="test.note")
    (note,) = run_due()
    with pytest.raises(rules.CannotRevert):
        operations.revert(note.pk, actor=None, now=NOW)
