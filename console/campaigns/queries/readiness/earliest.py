"""The first start of a plan that no policy, no freeze and no other sale forbids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from console.campaigns.models import Freeze
from console.campaigns.queries import freezes
from console.campaigns.queries.conflicts import FAR
from console.campaigns.queries.grounds import met, whole_minute
from console.campaigns.queries.readiness.parts import Candidate, Check
from console.campaigns.rules import Window
from console.fatigue.rules import Panel

TICK = timedelta(microseconds=1)


def frozen(plan: Candidate) -> list[Freeze]:
    """The freezes that concern a plan from its start on; none without a date."""
    if plan.opens_at is None or plan.closes_at is None:
        return []
    return freezes.in_the_way(plan.touch, plan.opens_at, FAR)


def earliest(
    plan: Candidate,
    judges: Panel | None,
    held: Sequence[Freeze],
    blockers: Iterable[Check],
    *,
    now: datetime,
) -> datetime | None:
    """Where another date would mend a blocker, the first of them; else None.

    As long as the plan is, from its own start or the next minute on. judges: None
    where no policy could be asked. held: as `frozen` finds them.
    """
    if judges is None or plan.over or not any(check.dated for check in blockers):
        return None
    assert plan.opens_at and plan.closes_at
    opens = max(plan.opens_at, whole_minute(now + TICK))
    window = Window(opens, opens + (plan.closes_at - plan.opens_at))
    return met(judges, held, plan.code, plan.spots, opens).first(window)
