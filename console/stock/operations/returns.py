"""Giving back, once, what a sale did not sell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from console import words
from console.audit.operations import operation, record
from console.errors import Refusal
from console.stock.models import (
    Allocation,
    Level,
    ReservationLine,
    SaleGate,
    Sold,
    Source,
)
from console.stock.operations.backorders import owe
from console.stock.operations.certifying import certify
from console.stock.operations.fences import drop_fence
from console.stock.operations.ledger import (
    Move,
    Why,
    held_back,
    locked_allocations,
    locked_levels,
    post,
    reclaim,
    shift_levels,
    taken_from,
)
from console.stock.rules import Account, GateState, split

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class GateNotClosed(Refusal):
    """Stock goes back only once nobody can reserve it any more."""

    code = "gate_not_closed"


class HoldsActive(Refusal):
    """Buyers still hold units."""

    code = "holds_active"


@dataclass(frozen=True)
class Returned:
    """What went back to the levels, and what stays promised to paid orders."""

    unsold: int
    sold: int


def return_units(campaign: str, *, actor: User | None, now: datetime) -> Returned:
    """Give allocation and buffer back to their locations; a second time does nothing.

    Sold units stay on hand, committed to their orders, until they are shipped. Those
    that were sold before they are there are owed until they are. What became of each
    SKU is certified right after, in a transaction of its own that keeps no buyer
    waiting; who died between is made good by a second time, or `certify_missing`.

    Raises:
        GateNotClosed: the sale still takes reservations.
        HoldsActive: how many units buyers still hold.
    """
    told = _returned(campaign, actor=actor, now=now)
    certify(campaign, Why(actor, now))
    return told


@operation()
def _returned(campaign: str, *, actor: User | None, now: datetime) -> Returned:
    """Give back what is left to give back, under its locks."""
    _check_gate(campaign)
    open_ones = Allocation.objects.filter(campaign=campaign, returned_at=None)
    skus = list(open_ones.values_list("sku_id", flat=True))
    locked_levels(skus)
    allocations = locked_allocations(open_ones)
    drop_fence(campaign, actor=actor, now=now, reason="sale closed")
    if not allocations:
        return Returned(0, 0)
    _check_holds([one.pk for one in allocations], now)
    sold = give_back(allocations, Why(actor, now, "sale closed"))
    unsold = (max(0, x.quantity - sold.get(x.pk, 0)) for x in allocations)
    told = Returned(sum(unsold), sum(sold.values()))
    after = {"unsold": told.unsold, "sold": told.sold}
    record(actor, "stock.return_units", campaign, now=now, after=after)
    return told


def give_back(allocations: Sequence[Allocation], why: Why) -> dict[int, int]:
    """Give locked allocations that nobody holds units of back; units sold of each."""
    ids = [one.pk for one in allocations]
    levels = {
        (level.sku_id, level.location_id): level
        for level in locked_levels(one.sku_id for one in allocations)
    }
    sold = _sold(ids)
    _give_back(allocations, sold, levels, why)
    Allocation.objects.filter(pk__in=ids).update(
        returned_at=why.now, version=F("version") + 1
    )
    return sold


def _check_gate(campaign: str) -> None:
    gate = SaleGate.objects.filter(campaign=campaign).first()
    if gate is not None and gate.state != GateState.CLOSED:
        raise GateNotClosed(f"Close the gate of {campaign} first: it is {gate.state}.")


def _check_holds(ids: list[int], now: datetime) -> None:
    """Give back expired holds, and refuse while others are active.

    Raises:
        HoldsActive: how many units.
    """
    reclaim(ids, now)
    held = ReservationLine.objects.filter(allocation__in=ids, held=True)
    units = held.aggregate(units=Sum("units"))["units"]
    if units:
        raise HoldsActive(
            f"Buyers still hold {words.count(units, 'unit')}. "
            "They pay, or the holds run out.",
            detail={"units": units},
        )


def _sold(ids: list[int]) -> dict[int, int]:
    rows = Sold.objects.filter(allocation__in=ids).values_list("allocation")
    return dict(rows.annotate(Sum("units")))


def _sources(ids: list[int]) -> dict[int, list[Source]]:
    found = defaultdict(list)
    rows = Source.objects.filter(allocation__in=ids)
    for source in rows.order_by("location__position", "location_id"):
        found[source.allocation_id].append(source)
    return found


def _give_back(
    allocations: Sequence[Allocation],
    sold: dict[int, int],
    levels: dict[tuple[int, int], Level],
    why: Why,
) -> None:
    """Unsold units become free where they came from; sold ones committed there.

    What was sold beyond what is there is owed.
    """
    sources = _sources([one.pk for one in allocations])
    moves, shifts = [], []
    for one in allocations:
        moves.append(held_back(one, -one.buffer))
        parts = sources[one.pk]
        paid = split(sold.get(one.pk, 0), [part.units for part in parts])
        if one.backorder:
            moves.extend(owe(one, sold.get(one.pk, 0) - sum(paid)))
        for part, gone in zip(parts, paid, strict=True):
            level = levels[one.sku_id, part.location_id]
            shifts.append((level.pk, -part.units, gone))
            moves.extend(_moves(level, one, part.units, gone))
    shift_levels(shifts)
    post(moves, why)


def _moves(
    level: Level, allocation: Allocation, units: int, gone: int
) -> Iterable[Move]:
    yield taken_from(level, allocation.pk, gone - units)
    yield Move(
        allocation.sku_id,
        Account.SOLD,
        Account.COMMITTED,
        gone,
        location_id=level.location_id,
        allocation_id=allocation.pk,
    )
