"""Who holds a group's floor up: sales overlap, the group stands at the highest wish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from console.capacity.models import Raise, RaisedGroup
from console.runbook.models import Step
from console.runbook.rules import State

BUSY_S = 45
"""Longer than the three calls one change takes, each bounded by ten seconds."""


@dataclass(frozen=True)
class Standing:
    """Where a group stands with the raise of one step, and where without it."""

    with_us: int
    without_us: int


@contextmanager
def alone(connection: str, group: str, *, by: str, now: datetime) -> Iterator[bool]:
    """Let one step at a time change a group; False: another one is at it.

    A row with an end, not a lock: no transaction may be open while a provider is asked.
    """
    RaisedGroup.objects.get_or_create(connection=connection, group=group)
    row = RaisedGroup.objects.filter(connection=connection, group=group)
    free = Q(busy_until=None) | Q(busy_until__lt=now) | Q(busy_by=by)
    until = now + timedelta(seconds=BUSY_S)
    ours = bool(row.filter(free).update(busy_until=until, busy_by=by))
    try:
        yield ours
    finally:
        row.filter(busy_by=by).update(busy_until=None, busy_by="")


@transaction.atomic
def add(connection: str, group: str, *, step: str, floor: int, now_at: int) -> Standing:
    """Note a step's wish; the first one keeps the floor it found as the base."""
    row = _locked(connection, group)
    _forget_finished(row)
    if not row.raises.exists():
        row.base = now_at
        row.save(update_fields=["base"])
    row.raises.update_or_create(step=step, defaults={"floor": floor})
    return _standing(row, step)


@transaction.atomic
def standing(connection: str, group: str, *, step: str) -> Standing | None:
    """Where the group stands with and without this step; None if it never raised it."""
    row = _locked(connection, group)
    return _standing(row, step) if row.raises.filter(step=step).exists() else None


@transaction.atomic
def remove(connection: str, group: str, *, step: str) -> None:
    """Forget a step's wish once its effect is gone."""
    _locked(connection, group).raises.filter(step=step).delete()


def _locked(connection: str, group: str) -> RaisedGroup:
    rows = RaisedGroup.objects.select_for_update()
    return rows.get(connection=connection, group=group)


def _standing(row: RaisedGroup, step: str) -> Standing:
    floors = dict(row.raises.values_list("step", "floor"))
    ours = floors.pop(step)
    without = max([row.base or 0, *floors.values()])
    return Standing(with_us=max(without, ours), without_us=without)


def _forget_finished(row: RaisedGroup) -> None:
    """Drop wishes whose step was put back by hand, so that they hold nothing up."""
    done = Q(state=State.REVERTED) | Q(state=State.SKIPPED, undoing=True)
    over = Step.objects.filter(done).values("key")
    Raise.objects.filter(raised=row, step__in=over).delete()
