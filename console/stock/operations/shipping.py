"""Sending what was sold, taking it back, and cancelling a sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from console.audit.operations import operation
from console.stock.models import Allocation, Backorder, ReservationLine, Sold
from console.stock.operations.backorders import dropped
from console.stock.operations.deliveries import (
    Case,
    Parcel,
    Part,
    committed,
    shift_on_hand,
    with_buyer,
)
from console.stock.operations.ledger import Move, Why, post
from console.stock.operations.settling import Asked, Settled, settled
from console.stock.rules import (
    Account,
    NotEnoughStock,
    SaleNotReturned,
    SettlementKind,
    split,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def ship(
    reservation_id: UUID,
    parcels: Sequence[Parcel] | None = None,
    *,
    line: str = "",
    actor: User | None,
    now: datetime,
) -> Settled:
    """Send sold units to their buyer, all or none; without parcels, what is left.

    line: the caller's name of the parcel; asked for the same again, it does nothing.

    Raises:
        UnknownReservation, NotPaid, UnknownSku: there is nothing sold to send.
        SaleNotReturned: the sale has not given its stock back yet.
        MoreThanSold: how many are still to be sent.
        StillOwed: some were sold before they were there, and are not yet.
        NotEnoughStock: they are not committed at the place that was told.
        OtherUnits: this parcel was sent with other units.
        OutOfScope: the person is limited to other categories or markets.
    """
    asked = Asked(SettlementKind.SHIPPED, reservation_id, parcels, line)
    return settled(asked, _ship, Why(actor, now))


@operation()
def take_back(
    reservation_id: UUID,
    parcels: Sequence[Parcel] | None = None,
    *,
    line: str = "",
    damaged: bool = False,
    actor: User | None,
    now: datetime,
) -> Settled:
    """Take sent units back, to where they left or as told; without parcels, all.

    damaged: they are written off, not put back on the shelf.

    Raises:
        UnknownReservation, NotPaid, UnknownSku: there is nothing sold to take back.
        MoreThanShipped: how many are with the buyer.
        OtherUnits: this return came with other units.
        OutOfScope: the person is limited to other categories or markets.
    """
    asked = Asked(SettlementKind.RETURNED, reservation_id, parcels, line, damaged)
    return settled(asked, _take_back, Why(actor, now))


@operation()
def cancel_sale(
    reservation_id: UUID,
    parcels: Sequence[Parcel] | None = None,
    *,
    line: str = "",
    actor: User | None,
    now: datetime,
) -> Settled:
    """Undo a sale that was not sent: its units can be sold again.

    While the sale has its stock they go back to its pool, and count no more towards
    the buyer's limit; afterwards they are free where they were committed.

    Raises:
        As `ship`, but for SaleNotReturned.
    """
    asked = Asked(SettlementKind.CANCELLED, reservation_id, parcels, line)
    return settled(asked, _cancel, Why(actor, now))


def _ship(case: Case, parcel: Parcel, _: Asked, why: Why) -> list[Part]:
    if case.allocation.returned_at is None:
        raise SaleNotReturned(
            f"{case.allocation.campaign} still has its stock. Ship once it has ended "
            "and what it did not sell went back."
        )
    parts = _from_shelves(case, parcel)
    shift_on_hand([(part.level.pk, -part.units, -part.units) for part in parts])
    post((_move(x, Account.COMMITTED, Account.SHIPPED) for x in parts), why)
    return parts


def _from_shelves(case: Case, parcel: Parcel) -> list[Part]:
    """Units from where they are committed for this sale, the nearest place first.

    Raises:
        NotEnoughStock: fewer are.
    """
    there = committed(case.allocation.pk)
    told = parcel.location_id
    levels = [x for x in case.levels if told in (None, x.location_id)]
    most = [min(there.get(x.location_id, 0), x.committed) for x in levels]
    shares = split(parcel.units, most)
    if sum(shares) < parcel.units:
        where = " there" if told else ""
        raise NotEnoughStock(
            f"{sum(shares):,} units of {parcel.sku_code} are committed to this sale"
            f"{where}, {parcel.units:,} are wanted.",
            field="units",
            detail={"committed": sum(shares)},
        )
    pairs = zip(levels, shares, strict=True)
    return [case.part(x.location_id, units) for x, units in pairs if units]


def _take_back(case: Case, parcel: Parcel, asked: Asked, why: Why) -> list[Part]:
    parts = _to_shelves(case, parcel)
    goes = Account.OUTSIDE if asked.damaged else Account.FREE
    if not asked.damaged:
        shift_on_hand([(part.level.pk, part.units, 0) for part in parts])
    moves = []
    for part in parts:
        moves.append(_move(part, Account.SHIPPED, Account.RETURNED, nowhere=True))
        moves.append(_move(part, Account.RETURNED, goes, nowhere=asked.damaged))
    post(moves, Why(why.actor, why.now, "damaged" if asked.damaged else ""))
    return parts


def _to_shelves(case: Case, parcel: Parcel) -> list[Part]:
    """Where they come back to: as told, else where they left, else the nearest."""
    if parcel.location_id is not None:
        return [case.part(parcel.location_id, parcel.units)]
    there = with_buyer(case.delivery)
    shares = split(parcel.units, [there.get(x.location_id, 0) for x in case.levels])
    shares[0] += parcel.units - sum(shares)
    pairs = zip(case.levels, shares, strict=True)
    return [case.part(x.location_id, units) for x, units in pairs if units]


def _cancel(case: Case, parcel: Parcel, asked: Asked, why: Why) -> list[Part]:
    if case.allocation.returned_at is None:
        return _to_pool(case, parcel, why)
    unwanted = _unwanted(case, parcel, asked, why)
    there = replace(parcel, units=parcel.units - sum(x.units for x in unwanted))
    parts = _from_shelves(case, there) if there.units else []
    shift_on_hand([(part.level.pk, 0, -part.units) for part in parts])
    post((_move(x, Account.COMMITTED, Account.FREE) for x in parts), why)
    return [*unwanted, *parts]


def _unwanted(case: Case, parcel: Parcel, asked: Asked, why: Why) -> list[Part]:
    """Units that are not there yet are cancelled first, unless a place was told."""
    units = min(parcel.units, case.owed)
    if parcel.location_id is not None:
        there = case.line.left(SettlementKind.CANCELLED) - case.owed
        there -= _before(parcel, asked)
        units = max(0, parcel.units - max(0, there))
    if not units:
        return []
    of = case.delivery
    late = Backorder.objects.filter(
        reservation=of.reservation_id, allocation=of.allocation_id
    )
    late.update(dropped=F("dropped") + units)
    post([dropped(case.allocation, units, of.reservation_id)], why)
    return [case.part(None, units)]


def _before(parcel: Parcel, asked: Asked) -> int:
    """Units of the same SKU that were settled just now at places before this one."""
    place = parcel.location_id or 0
    of_it = [x for x in asked.parcels or () if x.sku_code == parcel.sku_code]
    return sum(x.units for x in of_it if (x.location_id or 0) < place)


def _to_pool(case: Case, parcel: Parcel, why: Why) -> list[Part]:
    """Units become sellable in the running sale again."""
    part, units = case.part(None, parcel.units), parcel.units
    for slot in (
        Sold.objects.select_for_update()
        .filter(allocation=case.allocation)
        .order_by("slot")
    ):
        gone = min(units, slot.units)
        Sold.objects.filter(pk=slot.pk).update(units=F("units") - gone)
        units -= gone
    Allocation.objects.filter(pk=case.allocation.pk).update(
        taken=F("taken") - parcel.units
    )
    ReservationLine.objects.filter(
        reservation=case.delivery.reservation_id, allocation=case.allocation
    ).update(sold=F("sold") - parcel.units)
    post([_move(part, Account.SOLD, Account.POOL)], why)
    return [part]


def _move(
    part: Part, source: Account, target: Account, *, nowhere: bool = False
) -> Move:
    return Move(
        part.case.allocation.sku_id,
        source,
        target,
        part.units,
        location_id=None if nowhere else part.location_id,
        allocation_id=part.case.allocation.pk,
        reservation=part.case.delivery.reservation_id,
    )
