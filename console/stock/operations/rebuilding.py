"""Setting balances to what the ledger says: proposed by one person, done by another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from console import words
from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock import queries
from console.stock.models import (
    Allocation,
    BufferDue,
    Level,
    Rebuild,
    Reservation,
    ReservationLine,
    SaleGate,
    Sku,
    Sold,
    Source,
)
from console.stock.operations.ledger import Why, locked_allocations, locked_levels
from console.stock.queries import Drift
from console.stock.rules import GateState, HoldState, plan_hash

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class NothingToRebuild(Refusal):
    """Every balance is what the ledger says."""

    code = "nothing_to_rebuild"


class OtherEyes(Refusal):
    """Who proposed it does not approve it."""

    code = "other_eyes"
    status = 403


class StalePlan(Refusal):
    """The balances or the ledger moved on since it was proposed."""

    code = "stale_plan"


class SaleIsRunning(Refusal):
    """Its gate is open: whoever buys would wait until all entries are added up."""

    code = "sale_is_running"


class AlreadyRebuilt(Refusal):
    """It was approved before."""

    code = "already_rebuilt"


@operation()
def propose_rebuild(
    skus: Collection[str] | None = None, *, actor: User, now: datetime
) -> Rebuild:
    """Write down what the ledger says otherwise, of these SKUs or of all.

    Raises:
        NothingToRebuild: nothing.
        OutOfScope: the person is limited to other categories.
    """
    plan = _plan(skus)
    if not plan:
        raise NothingToRebuild("Every balance is what the ledger says.")
    check_within(actor, Kind.SKU, {str(one["sku"]) for one in plan})
    made = Rebuild.objects.create(
        plan=plan, hash=plan_hash(plan), proposed_by=actor, proposed_at=now
    )
    after = {"balances": len(plan), "hash": made.hash}
    record(actor, "stock.propose_rebuild", made, now=now, after=after)
    return made


@operation()
def approve_rebuild(rebuild_id: int, *, actor: User, now: datetime) -> Rebuild:
    """Do what somebody else proposed, if it is still what the ledger says.

    Raises:
        Rebuild.DoesNotExist: there is none.
        OtherEyes: it is the same person.
        AlreadyRebuilt: it was approved before.
        SaleIsRunning: a sale of these SKUs takes reservations; pause it first.
        StalePlan: propose it anew.
        OutOfScope: the person is limited to other categories.
    """
    one = Rebuild.objects.select_for_update(of=("self",)).get(pk=rebuild_id)
    _check(one, actor)
    drifts = [_drift(said) for said in one.plan]
    codes = {drift.sku for drift in drifts}
    check_within(actor, Kind.SKU, codes)
    _check_gates(codes)
    _lock(drifts)
    if plan_hash(_plan(codes)) != one.hash:
        raise StalePlan(
            "The balances or the ledger changed since this was proposed. "
            "Propose it again."
        )
    _apply(drifts)
    one.approved_by, one.approved_at = actor, now
    one.save(update_fields=["approved_by", "approved_at"])
    _tell(one, drifts, Why(actor, now))
    return one


def _check(one: Rebuild, actor: User) -> None:
    if one.approved_at is not None:
        raise AlreadyRebuilt(f"{one} was approved before.")
    if one.proposed_by_id == actor.pk:
        raise OtherEyes("You proposed this rebuild: somebody else approves it.")


def _check_gates(codes: Collection[str]) -> None:
    """Refuse while somebody can reserve these SKUs.

    Raises:
        SaleIsRunning: which sales to pause.
    """
    ours = Allocation.objects.filter(sku__code__in=codes, returned_at=None)
    gates = SaleGate.objects.filter(
        campaign__in=ours.values("campaign"), state=GateState.OPEN
    )
    named = sorted(gates.values_list("campaign", flat=True))
    if named:
        raise SaleIsRunning(
            f"These SKUs can be reserved in {', '.join(named)}. Pause that, rebuild, "
            "and resume it.",
            detail={"campaigns": named},
        )


def _plan(skus: Collection[str] | None) -> list[dict[str, object]]:
    return [asdict(x) | {"key": list(x.key)} for x in queries.drifts(skus)]


def _drift(said: dict[str, object]) -> Drift:
    return Drift(**(said | {"key": tuple(said["key"])}))  # type: ignore[arg-type]


def _lock(drifts: Sequence[Drift]) -> None:
    """Reservations, levels and allocations, in the order everybody takes them."""
    held = {UUID(one.key[0]) for one in drifts if one.table == "line"}
    list(Reservation.objects.select_for_update().filter(pk__in=held).order_by("pk"))
    for one in sorted({x.key for x in drifts if x.table == "level"}):
        Level.objects.get_or_create(sku_id=int(one[0]), location_id=int(one[1]))
    skus = Sku.objects.filter(code__in={one.sku for one in drifts})
    ids = list(skus.values_list("pk", flat=True))
    locked_levels(ids)
    locked_allocations(Allocation.objects.filter(sku__in=ids))


def _apply(drifts: Iterable[Drift]) -> None:
    """Add what is missing, row by row: what is paid for meanwhile stays counted."""
    rows: defaultdict[tuple[str, tuple[str, ...]], dict[str, int]] = defaultdict(dict)
    for one in drifts:
        rows[one.table, one.key][one.field] = one.after - one.before
    for (table, key), by in sorted(rows.items()):
        _WRITERS[table](key, by)


def _more(by: dict[str, int]) -> dict[str, object]:
    return {field: F(field) + units for field, units in by.items()}


def _level(key: tuple[str, ...], by: dict[str, int]) -> None:
    found = Level.objects.filter(sku=int(key[0]), location=int(key[1]))
    found.update(**_more(by), version=F("version") + 1)
    if "policy_buffer" in by:
        BufferDue.objects.create(sku_id=int(key[0]))


def _allocation(key: tuple[str, ...], by: dict[str, int]) -> None:
    found = Allocation.objects.filter(pk=int(key[0]))
    found.update(**_more(by), version=F("version") + 1)


def _source(key: tuple[str, ...], by: dict[str, int]) -> None:
    words = {"allocation_id": int(key[0]), "location_id": int(key[1])}
    Source.objects.get_or_create(**words, defaults={"units": 0})
    Source.objects.filter(**words).update(**_more(by))


def _line(key: tuple[str, ...], by: dict[str, int]) -> None:
    counts = ("units", "sold", "short")
    change = _more({field: by.get(field, 0) for field in counts})
    if "held" in by:
        change["held"] = by["held"] > 0
    lines = ReservationLine.objects.filter(reservation=UUID(key[0]))
    lines.filter(allocation=int(key[1])).update(**change)
    if "paid" in by:
        held = HoldState.HELD if lines.filter(held=True) else HoldState.RELEASED
        state = HoldState.CONFIRMED if by["paid"] > 0 else held
        Reservation.objects.filter(pk=UUID(key[0])).update(state=state)


def _sold(key: tuple[str, ...], by: dict[str, int]) -> None:
    """More goes to the first slot; less is taken from whichever have some."""
    units = by["units"]
    Sold.objects.get_or_create(allocation_id=int(key[0]), slot=0, defaults={"units": 0})
    slots = Sold.objects.select_for_update().filter(allocation=int(key[0]))
    for slot in slots.order_by("slot"):
        change = max(units, -slot.units)
        Sold.objects.filter(pk=slot.pk).update(units=F("units") + change)
        units -= change


_WRITERS = {
    "level": _level,
    "allocation": _allocation,
    "source": _source,
    "line": _line,
    "sold": _sold,
}


def _tell(one: Rebuild, drifts: Sequence[Drift], why: Why) -> None:
    named = [f"{x.where}, {x.field}" for x in drifts]
    record(
        why.actor,
        "stock.approve_rebuild",
        one,
        now=why.now,
        before=dict(zip(named, (x.before for x in drifts), strict=True)),
        after=dict(zip(named, (x.after for x in drifts), strict=True)),
        reason=f"proposed by {one.proposed_by.get_username()}, "
        f"{words.count(len(drifts), 'balance')}",
    )
