"""Selling units before they are there: how many, what is owed, and filling it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import F

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import Allocation, Backorder, Level, WavePart
from console.stock.operations.ledger import (
    Move,
    StockBusy,
    Why,
    briefly,
    locked_allocations,
    locked_levels,
    post,
    shift_levels,
)
from console.stock.operations.sizes import editable
from console.stock.rules import Account, BadQuantity, check_backorder

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OWED = F("backorders__filled") + F("backorders__dropped")
MOST_BUSY = 3
"""Each is waited for: somebody who moves thousands would keep us for hours."""
_OWE = """
WITH late AS (
    SELECT b.id, least(b.units, l.sold) AS most,
           sum(least(b.units, l.sold)) OVER (
               ORDER BY r.made_at DESC, r.id DESC) AS upto
    FROM stock_backorder b JOIN stock_reservation r ON r.id = b.reservation_id
    JOIN stock_reservationline l
        ON l.reservation_id = r.id AND l.allocation_id = b.allocation_id
    WHERE b.allocation_id = %(allocation)s AND b.units > 0 AND l.sold > 0
)
UPDATE stock_backorder b SET owed = least(most, %(units)s - upto + most)
FROM late WHERE late.id = b.id AND upto - most < %(units)s
"""


@operation()
@briefly()
def set_backorder(
    allocation_id: int,
    *,
    units: int,
    promise_at: datetime | None,
    version: int,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Allocation:
    """Let a sale sell so many units beyond those it has locked; 0 lets it sell none.

    promise_at: when they are there, which buyers are told; None if nobody knows.

    Raises:
        BadQuantity: below 0 or above 10,000,000, or a date that has passed, or units
            of it that are there still wait for a wave.
        NotEnoughStock: more of them are reserved or sold already.
        StaleEdit, AlreadyReturned, GateClosed, OutOfScope: as `resize`.
    """
    one = editable(allocation_id, version, now)
    check_within(actor, Kind.CAMPAIGN, [one.campaign])
    if units:
        _check_waves(one)
    beyond = max(0, one.taken - (one.quantity - one.buffer))
    promise_at = promise_at if units else None
    check_backorder(units, beyond=beyond, promise_at=promise_at, now=now)
    before = _told(one)
    why = Why(actor, now, reason)
    promise(one, units, promise_at, why)
    record(
        actor,
        "stock.set_backorder",
        one,
        now=now,
        before=before,
        after=_told(one),
        reason=reason,
    )
    return one


def _check_waves(one: Allocation) -> None:
    if WavePart.objects.filter(allocation=one, wave__opened_at=None).exists():
        raise BadQuantity(
            "Units of this SKU that are there wait for a wave. Start or remove the "
            "waves of the sale first.",
            field="units",
        )


def promise(one: Allocation, units: int, promise_at: datetime | None, why: Why) -> None:
    """Set the policy of a locked allocation, with its entry; the caller records it."""
    post([promised(one, units - one.backorder)], why)
    one.backorder, one.promise_at = units, promise_at
    one.version += 1
    one.save(update_fields=["backorder", "promise_at", "version"])
    one.refresh_from_db(fields=["sellable", "taken"])


def promised(one: Allocation, units: int) -> Move:
    """Units that are not there into a campaign's pool; negative for the way back."""
    return Move(one.sku_id, Account.PROMISED, Account.POOL, units, allocation_id=one.pk)


def _told(one: Allocation) -> dict[str, object]:
    at = one.promise_at.isoformat() if one.promise_at else None
    return {"backorder": one.backorder, "promise_at": at}


def owe(one: Allocation, units: int) -> Iterator[Move]:
    """What a sale that ends sold and does not have: its entries, and whom it is owed.

    Those who bought last of the units that were not there are owed first.
    """
    yield Move(one.sku_id, Account.SOLD, Account.OWED, units, allocation_id=one.pk)
    yield promised(one, units - one.backorder)
    with connection.cursor() as cursor:
        cursor.execute(_OWE, {"allocation": one.pk, "units": units})


def fill_backorders(*, actor: User | None, now: datetime) -> int:
    """Commit free units to those they are owed, who bought first first; how many.

    They can be shipped from then on. Each sale's SKU is a transaction of its own; one
    that somebody moves is left to the next call, and the others go on, until three
    were busy.
    """
    late = Allocation.objects.filter(backorders__owed__gt=OWED).distinct()
    there = late.filter(sku__in=Level.objects.filter(free__gt=0).values("sku"))
    filled, busy, why = 0, 0, Why(actor, now, "backorder filled")
    for pk, sku_id in there.order_by("pk").values_list("pk", "sku_id"):
        try:
            filled += _fill_one(pk, sku_id, why)
        except StockBusy:
            busy += 1
        if busy == MOST_BUSY:
            break
    return filled


@operation()
@briefly()
def _fill_one(pk: int, sku_id: int, why: Why) -> int:
    levels = locked_levels([sku_id])
    (one,) = locked_allocations(Allocation.objects.filter(pk=pk))
    return _fill(one, levels, why)


def _fill(one: Allocation, levels: Sequence[Level], why: Why) -> int:
    owing = Backorder.objects.filter(
        allocation=one, owed__gt=F("filled") + F("dropped")
    )
    rows = owing.order_by("reservation__made_at", "pk")
    most, units = sum(level.free for level in levels), 0
    for row in rows:
        share = min(row.owed - row.filled - row.dropped, most - units)
        if share < 1:
            break
        Backorder.objects.filter(pk=row.pk).update(filled=F("filled") + share)
        units += share
    left, moves, shifts = units, [], []
    for level in levels:
        share = min(left, level.free)
        if share:
            left -= share
            shifts.append((level.pk, 0, share))
            moves.append(_committed(one, level, share))
    shift_levels(shifts)
    post([*moves, dropped(one, units)], why)
    return units


def dropped(one: Allocation, units: int, reservation: UUID | None = None) -> Move:
    """Units that are owed no more: they came, or the buyer does not want them."""
    return Move(
        one.sku_id,
        Account.OWED,
        Account.PROMISED,
        units,
        allocation_id=one.pk,
        reservation=reservation,
    )


def _committed(one: Allocation, level: Level, units: int) -> Move:
    return Move(
        one.sku_id,
        Account.FREE,
        Account.COMMITTED,
        units,
        location_id=level.location_id,
        allocation_id=one.pk,
    )
