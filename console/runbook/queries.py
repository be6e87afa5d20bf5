"""Reads of the run sheet: tally, what is next, what is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from console.runbook.models import Step
from console.runbook.rules import LATE_S, LEASED, NOT_STARTED, State

TAKEN_MOST = 500
"""How many steps of the past are looked at."""


@dataclass(frozen=True)
class Tally:
    """How many steps of a plan are where.

    planned counts what has not started; running what is under way, reverts included.
    lateness_s_max: of the steps that started, in seconds; 0 if none did.
    """

    total: int
    planned: int
    running: int
    verified: int
    reverted: int
    failed: int
    skipped: int
    lateness_s_max: float


@dataclass(frozen=True)
class Late:
    """A step that started late, or has not started though it could.

    late_s: seconds late, so far if it has not started.
    """

    step_id: int
    key: str
    plan: str
    title: str
    late_s: float
    started: bool


def tally(plan: str) -> Tally:
    """The steps of a plan, counted."""
    return counted(Step.objects.filter(plan=plan).only("state", "lateness_s"))


def counted(steps: Iterable[Step]) -> Tally:
    """These steps, counted."""
    listed = list(steps)
    states = Counter(State(step.state) for step in listed)
    return Tally(
        total=len(listed),
        planned=sum(states[state] for state in NOT_STARTED),
        running=sum(states[state] for state in LEASED),
        verified=states[State.VERIFIED],
        reverted=states[State.REVERTED],
        failed=states[State.FAILED],
        skipped=states[State.SKIPPED],
        lateness_s_max=max((step.lateness_s or 0.0 for step in listed), default=0.0),
    )


def seconds_taken(kinds: Collection[str]) -> dict[tuple[str, str], tuple[float, int]]:
    """How long steps took lately, by kind and target: p95 in seconds, and how many.

    Of the newest steps that were done without a person's help, first start to end.
    """
    rows = Step.objects.filter(kind__in=kinds, state=State.VERIFIED, undoing=False)
    newest = rows.order_by("-finished_at", "-pk")[:TAKEN_MOST]
    found: dict[tuple[str, str], list[float]] = {}
    named = newest.values_list("kind", "target", "started_at", "finished_at")
    for kind, target, start, end in named:
        if start and end:
            took = found.setdefault((kind, target), [])
            took.append((end - start).total_seconds())
    return {key: (_p95(took), len(took)) for key, took in found.items()}


def _p95(values: list[float]) -> float:
    """The smallest value that 95% do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * 0.95) - 1)]


def due(*, now: datetime, limit: int) -> int:
    """How many steps could be claimed this moment, counted up to the limit."""
    return Step.objects.claimable(now)[:limit].count()


def late(
    *,
    now: datetime,
    plan: str = "",
    over_s: float = LATE_S,
    within: timedelta = timedelta(hours=24),
) -> list[Late]:
    """Steps that started late within the last day, or should have started by now."""
    steps = Step.objects.filter(plan=plan) if plan else Step.objects.all()
    began = steps.filter(lateness_s__gt=over_s, started_at__gt=now - within)
    edge = now - timedelta(seconds=over_s)
    overdue = steps.claimable(now).could_have_started_by(edge).filter(started_at=None)
    found = [_late(step, step.lateness_s or 0.0, started=True) for step in began]
    for step in overdue:
        late_s = (now - step.could_start).total_seconds()
        found.append(_late(step, late_s, started=False))
    return sorted(found, key=lambda one: (-one.late_s, one.step_id))


def _late(step: Step, late_s: float, *, started: bool) -> Late:
    return Late(step.pk, step.key, step.plan, step.title, late_s, started)
