"""A plan run on paper, on small worked examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from console.runbook import operations, queries
from console.runbook.models import Step
from console.runbook.pacing import Foreseen, Pace, foresee
from tests import make

T0 = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)


@dataclass
class One:
    """A step as far as its course goes."""

    key: str
    due_at: datetime = T0
    after: list[str] = field(default_factory=list)
    started_at: datetime | None = None


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


BEFORE = at(-3600)


def run(*steps: One, now: datetime = BEFORE, **takes: float) -> dict[str, Foreseen]:
    paces = {key: Pace(seconds, "said") for key, seconds in takes.items()}
    return {one.key: one for one in foresee(steps, paces.get, now=now)}


def test_a_step_starts_when_due_and_after_the_slowest_it_comes_after() -> None:
    ran = run(
        One("a", at(-60)), One("b", at(-60)), One("c", T0, ["a", "b"]), a=50, b=90
    )
    assert (ran["a"].starts_at, ran["a"].ends_at) == (at(-60), at(-10))
    assert (ran["c"].starts_at, ran["c"].late_s) == (at(30), 30)
    assert ran["c"].waits_for == "b"


def test_what_is_done_in_time_makes_nothing_late() -> None:
    ran = run(One("a", at(-60)), One("c", T0, ["a"]), a=50)
    assert (ran["c"].starts_at, ran["c"].late_s, ran["c"].waits_for) == (T0, 0, "")


def test_an_unknown_time_is_none_and_counts_as_no_time() -> None:
    ran = run(One("a"))
    assert (ran["a"].pace, ran["a"].ends_at) == (None, T0)


def test_what_is_overdue_starts_now_and_says_how_late() -> None:
    assert run(One("a"), now=at(120))["a"].late_s == 120


def test_a_step_under_way_goes_on_from_its_start() -> None:
    ran = run(One("a", started_at=at(5)), now=at(20), a=60)
    assert (ran["a"].starts_at, ran["a"].ends_at) == (at(5), at(65))


def test_what_comes_after_a_settled_step_does_not_wait() -> None:
    assert run(One("c", T0, ["gone"]))["c"].starts_at == T0


def test_a_circle_and_what_a_failure_blocks_never_start() -> None:
    circle = [One("a", T0, ["b"]), One("b", T0, ["a"])]
    assert foresee(circle, {}.get, now=T0) == []
    stuck = [One("c", T0, ["x"]), One("d", T0, ["c"]), One("e")]
    ran = foresee(stuck, {}.get, now=T0, never={"x"})
    assert [one.key for one in ran] == ["e"]


@pytest.mark.django_db
def test_how_long_steps_took_is_told_by_kind_and_target() -> None:
    for seconds in [*range(1, 20), 900]:
        step = make.step("", "capacity.warm", target="cdn")
        Step.objects.filter(pk=step.pk).update(
            state="verified", seen={}, started_at=T0, finished_at=at(seconds)
        )
    operations.plan("one more", "capacity.warm", plan="p", title="t", due_at=T0, now=T0)
    assert queries.seconds_taken({"capacity.warm"}) == {
        ("capacity.warm", "cdn"): (19, 20)
    }
    assert queries.seconds_taken({"prices.apply"}) == {}
