"""Tally, what is next, and what is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.runbook import operations, queries
from console.runbook.models import Step
from tests import make
from tests.make import NOW
from tests.runbook.kinds import broken, world

pytestmark = pytest.mark.django_db
PLAN = "campaign:FS-1"


def run_due(at=NOW) -> None:
    for claim in operations.claim_due(now=at):
        operations.run(claim, now=at)


def test_an_empty_plan_counts_nothing() -> None:
    assert queries.tally(PLAN) == queries.Tally(0, 0, 0, 0, 0, 0, 0, 0.0)


def test_every_step_is_counted_once() -> None:
    world.pending["b"] = 9
    make.step("a", due_at=NOW - timedelta(seconds=2))
    make.step("b")
    run_due()
    world.failing = [broken()]
    make.step("c")
    run_due()
    make.step("d", due_at=NOW + timedelta(hours=2))
    skipped = make.step("e", due_at=NOW + timedelta(hours=1))
    operations.skip(skipped.pk, reason="x", actor=None, now=NOW)
    make.step("other", plan="campaign:FS-2")
    tally = queries.tally(PLAN)
    assert tally.total == 5
    assert (tally.planned, tally.running, tally.verified) == (1, 1, 1)
    assert (tally.reverted, tally.failed, tally.skipped) == (0, 1, 1)
    assert tally.lateness_s_max == pytest.approx(2.0)


def test_a_step_nobody_claims_is_late_after_half_a_minute() -> None:
    make.step("a")
    assert queries.late(now=NOW + timedelta(seconds=30)) == []
    (late,) = queries.late(now=NOW + timedelta(seconds=45))
    assert (late.key, late.late_s, late.started) == ("a", 45.0, False)


def test_a_step_that_started_late_stays_on_the_list_for_a_day() -> None:
    make.step("a")
    at = NOW + timedelta(seconds=60)
    run_due(at)
    (late,) = queries.late(now=at, plan=PLAN)
    assert (late.late_s, late.started) == (pytest.approx(60.0), True)
    assert queries.late(now=at + timedelta(days=2)) == []
    assert queries.late(now=at, plan="campaign:FS-2") == []


def test_waiting_for_another_is_not_late_until_it_is_free() -> None:
    make.step("a")
    make.step("b", after=["a"])
    at = NOW + timedelta(seconds=100)
    (claim,) = operations.claim_due(now=at)
    operations.run(claim, now=at)
    assert [one.key for one in queries.late(now=at + timedelta(seconds=5))] == ["a"]
    late = queries.late(now=at + timedelta(seconds=40))
    assert {one.key for one in late} == {"a", "b"}


def test_a_running_step_is_not_overdue() -> None:
    make.step("a")
    operations.claim_due(now=NOW)
    assert queries.late(now=NOW + timedelta(seconds=50)) == []
    assert Step.objects.get().lateness_s == 0.0


def test_due_counts_no_further_than_asked() -> None:
    for _ in range(5):
        make.step()
    assert queries.due(now=NOW, limit=3) == 3
    assert queries.due(now=NOW, limit=30) == 5
