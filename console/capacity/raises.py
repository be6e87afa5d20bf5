"""Who holds a group's floor up: sales overlap, the group stands at the highest wish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from console.capacity.models import LeadTime, MachineGroup, Raise
from console.providers.ports import Group
from console.runbook.models import Step
from console.runbook.rules import State

BUSY_S = 45
"""Longer than the four calls one change takes, each bounded by ten seconds."""


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
    MachineGroup.objects.get_or_create(connection=connection, name=group)
    row = MachineGroup.objects.filter(connection=connection, name=group)
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
    """Forget a step's wish once its effect is gone; with the last one goes the base."""
    row = _locked(connection, group)
    row.raises.filter(step=step).delete()
    if not row.raises.exists():
        row.base = None
        row.save(update_fields=["base"])


def saw(connection: str, seen: Group, *, now: datetime) -> None:
    """Keep how a group looks, and note it if somebody lowered what a sale raised."""
    row, _ = MachineGroup.objects.get_or_create(connection=connection, name=seen.name)
    wanted = wanted_floor(row)
    row.floor, row.desired = seen.floor, seen.desired
    row.serving, row.maximum = seen.serving, seen.maximum
    row.seen_at, row.trouble = now, ""
    if wanted is not None and seen.floor < wanted:
        row.drifted_at = row.drifted_at or now
        row.trouble = (
            f"Somebody lowered the floor to {seen.floor}; the sale needs {wanted}. "
            "Raise it again, or find out who did."
        )
    else:
        row.drifted_at = None
    row.save(update_fields=SEEN)


SEEN = ["floor", "desired", "serving", "maximum", "seen_at", "trouble", "drifted_at"]


def failed(connection: str, group: str, message: str) -> None:
    """Keep why a group could not be read; what was seen before keeps its age."""
    row = MachineGroup.objects.filter(connection=connection, name=group)
    row.update(trouble=message[:300])


def wanted_floor(row: MachineGroup) -> int | None:
    """The highest floor that was raised and read back; None if none is."""
    floors = row.raises.filter(applied=True).values_list("floor", flat=True)
    return max(floors, default=None)


def applied(step: str) -> None:
    """Note that a raise was read back: from now on a lower floor is drift."""
    Raise.objects.filter(step=step, applied=False).update(applied=True)


def arrived(step: Step, *, now: datetime) -> None:
    """Note how long the instances took, if any had to start; once for each step."""
    added = int(step.wanted["floor"]) - int((step.before or {}).get("floor", 0))
    if added <= 0 or step.started_at is None:
        return
    row = MachineGroup.objects.get(
        connection=step.wanted["connection"], name=step.wanted["group"]
    )
    seconds = max(0.0, (now - step.started_at).total_seconds())
    values = {"of": row, "seconds": seconds, "instances": added, "at": now}
    LeadTime.objects.get_or_create(step=step.key, defaults=values)


def _locked(connection: str, group: str) -> MachineGroup:
    rows = MachineGroup.objects.select_for_update()
    return rows.get(connection=connection, name=group)


def _standing(row: MachineGroup, step: str) -> Standing:
    floors = dict(row.raises.values_list("step", "floor"))
    ours = floors.pop(step)
    without = max([row.base or 0, *floors.values()])
    return Standing(with_us=max(without, ours), without_us=without)


def _forget_finished(row: MachineGroup) -> None:
    """Drop wishes whose step was put back by hand, so that they hold nothing up."""
    done = Q(state=State.REVERTED) | Q(state=State.SKIPPED, undoing=True)
    over = Step.objects.filter(done).values("key")
    Raise.objects.filter(of=row, step__in=over).delete()
