"""The built-in kind that puts a plan's changes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.runbook import operations
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.make import NOW
from tests.runbook.kinds import broken, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def rounds(start: datetime, count: int = 12) -> Step:
    """Ticks a second apart; the revert step as it is then."""
    for second in range(count):
        at = start + timedelta(seconds=second)
        for claim in operations.claim_due(now=at):
            operations.run(claim, now=at)
    return Step.objects.get(key="back")


def floors(*keys: str) -> None:
    for minute, key in enumerate(keys):
        early = NOW - timedelta(minutes=90 - minute)
        make.step(key, target=key, wanted={"dial": 9}, due_at=early)
    at = NOW - timedelta(minutes=30)
    for claim in operations.claim_due(now=at):
        operations.run(claim, now=at)


def back(*keys: str) -> Step:
    return make.step("back", "runbook.revert", wanted={"keys": list(keys)})


def test_everything_is_put_back_latest_first() -> None:
    floors("a", "b", "c")
    back("a", "b", "c")
    step = rounds(NOW)
    assert (step.state, step.note) == (State.VERIFIED, "3 of 3 put back")
    assert world.order == ["c", "b", "a"]
    assert world.dials == {"a": 0, "b": 0, "c": 0}


def test_pending_until_the_last_is_back() -> None:
    floors("a", "b")
    back("a", "b")
    step = rounds(NOW, 1)
    assert (step.state, step.note) == (State.VERIFYING, "0 of 2 put back")
    assert Step.objects.get(key="b").state == State.REVERTING
    assert Step.objects.get(key="a").state == State.VERIFIED


def test_what_never_ran_is_skipped_and_never_runs_afterwards() -> None:
    make.step("a", due_at=NOW + timedelta(hours=1))
    back("a")
    assert rounds(NOW).state == State.VERIFIED
    assert Step.objects.get(key="a").state == State.SKIPPED
    assert world.calls["a"] == 0


def test_a_half_done_step_is_put_back_too() -> None:
    """It was asked for and has not come into effect: that is what a crash leaves."""
    world.pending["a"] = 1000
    floors("a")
    assert Step.objects.get(key="a").state == State.VERIFYING
    back("a")
    assert rounds(NOW).state == State.VERIFIED
    assert Step.objects.get(key="a").state == State.REVERTED
    assert world.dials["a"] == 0


def test_a_failed_step_is_compensated() -> None:
    world.failing = [broken()]
    floors("a")
    world.dials["a"] = 9
    back("a")
    assert rounds(NOW).state == State.VERIFIED
    assert world.dials["a"] == 0


def test_a_drift_stops_one_and_not_the_others_and_is_tried_again() -> None:
    floors("a", "b")
    world.dials["b"] = 4
    back("a", "b")
    step = rounds(NOW)
    assert (step.state, step.error_kind) == (State.FAILED, "not_all_reverted")
    stuck = Step.objects.get(key="b")
    assert stuck.title in step.error
    assert world.dials == {"a": 0, "b": 4}
    world.dials["b"] = 9
    operations.retry(step.pk, actor=None, now=NOW + timedelta(minutes=1))
    assert rounds(NOW + timedelta(minutes=1)).state == State.VERIFIED
    assert world.dials == {"a": 0, "b": 0}


def test_a_stuck_step_left_as_it_is_lets_the_plan_go_on() -> None:
    floors("a")
    world.dials["a"] = 4
    step = back("a")
    rounds(NOW)
    stuck = Step.objects.get(key="a")
    later = NOW + timedelta(minutes=1)
    operations.skip(stuck.pk, reason="Turned by hand", actor=None, now=later)
    operations.retry(step.pk, actor=None, now=later)
    assert rounds(later).state == State.VERIFIED
    assert world.dials["a"] == 4


def test_nothing_to_put_back_is_done_at_once() -> None:
    make.step("note", "test.note", due_at=NOW - timedelta(hours=1))
    back("note")
    assert rounds(NOW).state == State.VERIFIED
    assert Step.objects.get(key="note").state == State.VERIFIED


def test_how_long_a_step_took_is_not_counted_up_to_its_revert() -> None:
    floors("web")
    web = Step.objects.get(key="web")
    assert web.took_s is not None and web.took_s < 60
    make.step("back", "runbook.revert", wanted={"keys": ["web"]}, due_at=NOW)
    assert rounds(NOW).state == State.VERIFIED
    web.refresh_from_db()
    assert (web.state, web.took_s) == (State.REVERTED, None)
