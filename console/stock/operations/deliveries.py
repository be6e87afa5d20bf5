"""What shipping reads and writes: sold lines under lock, places, counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum

from console.stock.models import (
    Allocation,
    Backorder,
    Delivery,
    Level,
    Movement,
    Reservation,
    ReservationLine,
    Settlement,
)
from console.stock.operations.ledger import Why, locked_allocations, locked_levels
from console.stock.rules import (
    Account,
    HoldState,
    Line,
    NotPaid,
    SettlementKind,
    UnknownReservation,
)

Place = tuple[int, int]
"""Allocation and location."""


@dataclass(frozen=True)
class Parcel:
    """Units of one SKU; location: where they leave or come back to, if it is told."""

    sku_code: str
    units: int
    location_id: int | None = None


@dataclass(frozen=True)
class Case:
    """One sold line under lock, with the levels of its SKU, nearest first.

    owed: units of it that are not there yet.
    """

    delivery: Delivery
    allocation: Allocation
    levels: Sequence[Level]
    owed: int = 0

    @property
    def line(self) -> Line:
        """What became of it so far."""
        of = self.delivery
        return Line(of.sold, of.shipped, of.returned, of.cancelled)

    def part(self, location_id: int | None, units: int) -> Part:
        """Units of it at one place."""
        return Part(self, location_id, units)


@dataclass(frozen=True)
class Part:
    """Units of a line at one place; none while the sale has them."""

    case: Case
    location_id: int | None
    units: int

    @property
    def level(self) -> Level:
        """The level they leave or come to."""
        found = (x for x in self.case.levels if x.location_id == self.location_id)
        return next(found)


def locked_reservation(reservation_id: UUID) -> Reservation:
    """The paid reservation, locked: what follows is decided by one at a time.

    Raises:
        UnknownReservation: there is none of this id.
        NotPaid: nothing of it was sold.
    """
    found = Reservation.objects.select_for_update().filter(pk=reservation_id).first()
    if found is None:
        raise UnknownReservation(
            f"There is no reservation {reservation_id}.", field="id"
        )
    if found.state != HoldState.CONFIRMED:
        raise NotPaid(f"Reservation {reservation_id} was not paid.")
    return found


def cases(reservation_id: UUID) -> dict[str, Case]:
    """The sold lines of a locked reservation by SKU; levels, then allocations lock."""
    lines = ReservationLine.objects.filter(reservation=reservation_id)
    ids = list(lines.values_list("allocation", flat=True))
    found = Allocation.objects.filter(pk__in=ids)
    levels = defaultdict(list)
    for level in locked_levels(found.values_list("sku_id", flat=True)):
        levels[level.sku_id].append(level)
    allocations = locked_allocations(
        Allocation.objects.filter(pk__in=ids).select_related("sku")
    )
    _begin(reservation_id)
    deliveries = Delivery.objects.filter(reservation=reservation_id)
    made = {one.allocation_id: one for one in deliveries}
    late = Backorder.objects.filter(reservation=reservation_id, owed__gt=0)
    owed = {x.allocation_id: x.owed - x.filled - x.dropped for x in late}
    return {
        one.sku.code: Case(made[one.pk], one, levels[one.sku_id], owed.get(one.pk, 0))
        for one in allocations
        if one.pk in made
    }


def _begin(reservation_id: UUID) -> None:
    sold = ReservationLine.objects.filter(reservation=reservation_id, sold__gt=0)
    Delivery.objects.bulk_create(
        [
            Delivery(reservation_id=reservation_id, allocation_id=one[0], sold=one[1])
            for one in sold.values_list("allocation", "sold")
        ],
        ignore_conflicts=True,
    )


REST = "(rest "
"""How the name of a parcel begins that was told without one, after another such."""


def before(
    reservation_id: UUID, kind: SettlementKind, line: str, *, rest: bool = False
) -> list[Settlement]:
    """What was settled under this name; nothing if it is new.

    rest: under any name that was not told.
    """
    found = Settlement.objects.filter(reservation=reservation_id, kind=kind)
    named = Q(line="") | Q(line__startswith=REST) if rest else Q(line=line)
    return list(found.filter(named).select_related("allocation__sku").order_by("pk"))


def committed(allocation_id: int) -> dict[int, int]:
    """Units of a sale's sold ones that are still to be sent, by location."""
    moved = Movement.objects.filter(
        allocation=allocation_id,
        reservation=None,
        source__in=[Account.SOLD, Account.FREE],
        target=Account.COMMITTED,
    )
    there = dict(moved.values_list("location").annotate(Sum("units")))
    gone = Settlement.objects.filter(
        allocation=allocation_id,
        kind__in=[SettlementKind.SHIPPED, SettlementKind.CANCELLED],
        location__isnull=False,
    )
    for location, units in gone.values_list("location").annotate(Sum("units")):
        there[location] = there.get(location, 0) - units
    return there


def with_buyer(delivery: Delivery) -> dict[int, int]:
    """Units of a line that were sent and not taken back, by where they left."""
    found = Settlement.objects.filter(
        reservation=delivery.reservation_id, allocation=delivery.allocation_id
    )
    there: dict[int, int] = defaultdict(int)
    rows = found.filter(location__isnull=False).values_list("location", "kind")
    for location, kind, units in rows.annotate(Sum("units")):
        if kind == SettlementKind.SHIPPED:
            there[location] += units
        elif kind == SettlementKind.RETURNED:
            there[location] -= units
    return there


COUNTED = {
    SettlementKind.SHIPPED: "shipped",
    SettlementKind.RETURNED: "returned",
    SettlementKind.CANCELLED: "cancelled",
}


def settle(
    parts: Sequence[Part],
    kind: SettlementKind,
    line: str,
    why: Why,
    *,
    damaged: bool = False,
) -> None:
    """Write what was settled, once, and count it.

    Raises:
        IntegrityError: a twin got in between, or more than was sold; nothing is kept.
    """
    Settlement.objects.bulk_create(
        Settlement(
            reservation_id=part.case.delivery.reservation_id,
            allocation_id=part.case.delivery.allocation_id,
            kind=kind,
            line=line,
            location_id=part.location_id,
            units=part.units,
            damaged=damaged,
            at=why.now,
        )
        for part in parts
    )
    for part in parts:
        one, name = Delivery.objects.filter(pk=part.case.delivery.pk), COUNTED[kind]
        one.update(**{name: F(name) + part.units})


def shift_on_hand(rows: Sequence[tuple[int, int, int]]) -> None:
    """Add to the levels' `on_hand` and `committed`: (level, on hand, committed)."""
    with connection.cursor() as cursor:
        for level, on_hand, promised in sorted(rows):
            cursor.execute(
                "UPDATE stock_level SET on_hand = on_hand + %s,"
                " committed = committed + %s, version = version + 1 WHERE id = %s",
                [on_hand, promised, level],
            )
