"""What shipping, taking back and cancelling have in common: once, checked, told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from console.audit.operations import record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import (
    Allocation,
    Level,
    Location,
    Reservation,
    Settlement,
)
from console.stock.operations.deliveries import (
    REST,
    Case,
    Parcel,
    Part,
    before,
    cases,
    locked_reservation,
    settle,
)
from console.stock.operations.ledger import Why
from console.stock.rules import (
    BadRequest,
    MoreThanShipped,
    MoreThanSold,
    SettlementKind,
    StillOwed,
    UnknownSku,
    check_damage,
    check_same,
    check_units,
)


@dataclass(frozen=True)
class Settled:
    """Units by SKU; replayed: they were settled under this name before."""

    units: dict[str, int]
    replayed: bool = False


@dataclass(frozen=True)
class Asked:
    """What is to be done with a reservation; without parcels, with all that is left."""

    kind: SettlementKind
    reservation_id: UUID
    parcels: Sequence[Parcel] | None
    line: str
    damaged: bool = False

    @property
    def is_rest(self) -> bool:
        """True for all that is left, under no name: told again, what is left since."""
        return self.parcels is None and not self.line


Act = Callable[[Case, Parcel, Asked, Why], list[Part]]


def settled(asked: Asked, act: Act, why: Why) -> Settled:
    """Lock, answer what was done before, check, act, write it down once, and tell.

    Raises:
        As the operations of `shipping`.
    """
    reservation = locked_reservation(asked.reservation_id)
    check_within(why.actor, Kind.CAMPAIGN, [reservation.campaign])
    told = before(reservation.pk, asked.kind, asked.line, rest=asked.is_rest)
    if told and not asked.is_rest:
        return _replayed(asked, told)
    _places(asked)
    sold = cases(reservation.pk)
    if told and not any(_left(case, asked.kind) for case in sold.values()):
        return _replayed(asked, told)
    if told:
        asked = replace(asked, line=f"{REST}{len(told)})")
    parts = []
    for parcel in _wanted(asked, sold):
        parts += act(sold[parcel.sku_code], parcel, asked, why)
    settle(parts, asked.kind, asked.line, why, damaged=asked.damaged)
    return _told(reservation, asked, parts, why)


def _replayed(asked: Asked, told: Sequence[Settlement]) -> Settled:
    """What was done under this name, if it is the same.

    Raises:
        OtherUnits: it was something else.
    """
    units: Counter[str] = Counter()
    for one in told:
        units[one.allocation.sku.code] += one.units
    if asked.parcels is not None:
        check_same(_units(asked.parcels), units)
    check_damage({one.damaged for one in told}, asked.damaged)
    return Settled(dict(units), replayed=True)


def _places(asked: Asked) -> None:
    """A SKU may come back to a place that never had it: begin its level there.

    Raises:
        BadRequest: there is no such place.
    """
    places = {x.location_id for x in asked.parcels or () if x.location_id is not None}
    if places - set(
        Location.objects.filter(pk__in=places).values_list("pk", flat=True)
    ):
        raise BadRequest("There is no such location.", field="location")
    if asked.kind != SettlementKind.RETURNED:
        return
    sold = Allocation.objects.filter(reservationline__reservation=asked.reservation_id)
    skus = dict(sold.values_list("sku__code", "sku_id"))
    for code, place in sorted(
        (x.sku_code, x.location_id or 0) for x in asked.parcels or ()
    ):
        if code in skus and place:
            Level.objects.get_or_create(sku_id=skus[code], location_id=place)


def _units(parcels: Iterable[Parcel]) -> dict[str, int]:
    units: Counter[str] = Counter()
    for parcel in parcels:
        units[parcel.sku_code] += parcel.units
    return dict(units)


def _wanted(asked: Asked, sold: dict[str, Case]) -> list[Parcel]:
    """What to settle, checked: one parcel a SKU and place, in the order of locks."""
    parcels = asked.parcels
    if parcels is None:
        left = {code: _left(case, asked.kind) for code, case in sold.items()}
        parcels = [Parcel(code, units) for code, units in left.items() if units]
    if not parcels:
        raise _nothing(asked, sold)
    _check(asked, parcels, sold)
    one_each: Counter[tuple[str, int | None]] = Counter()
    for parcel in parcels:
        one_each[parcel.sku_code, parcel.location_id] += parcel.units
    merged = [Parcel(code, n, place) for (code, place), n in one_each.items()]
    return sorted(
        merged, key=lambda x: (sold[x.sku_code].allocation.pk, x.location_id or 0)
    )


def _nothing(asked: Asked, sold: dict[str, Case]) -> Refusal:
    """Why nothing of an order can be settled."""
    owed = sum(case.owed for case in sold.values())
    if asked.parcels is None and asked.kind == SettlementKind.SHIPPED and owed:
        told = f"{owed:,} of this order are not there yet, and the rest was sent."
        return StillOwed(told, detail={"owed": owed})
    back = asked.kind == SettlementKind.RETURNED
    why = MoreThanShipped if back else MoreThanSold
    return why("Nothing of this order is left for that.", detail={"left": 0})


def _check(asked: Asked, parcels: Sequence[Parcel], sold: dict[str, Case]) -> None:
    for code, units in _units(parcels).items():
        if code not in sold:
            raise UnknownSku(f"{code[:64]} was not sold to this buyer.", field="sku")
        of_it = [one for one in parcels if one.sku_code == code]
        for number in (*(one.units for one in of_it), units):
            check_units(code, sold[code].line, asked.kind, number)
        if units > _left(sold[code], asked.kind):
            raise StillOwed(
                f"{sold[code].owed:,} of {code} are not there yet: "
                f"{_left(sold[code], asked.kind):,} can be sent.",
                field="units",
                detail={"owed": sold[code].owed},
            )
        if len({one.location_id is None for one in of_it}) > 1:
            told = f"Name the location of each parcel of {code}, or of none."
            raise BadRequest(told, field="location")


def _left(case: Case, kind: SettlementKind) -> int:
    """Units of a line that may be settled: what is owed cannot be sent."""
    left = case.line.left(kind)
    return left - case.owed if kind == SettlementKind.SHIPPED else left


VERBS = {
    SettlementKind.SHIPPED: "stock.ship",
    SettlementKind.RETURNED: "stock.take_back",
    SettlementKind.CANCELLED: "stock.cancel_sale",
}


def _told(
    reservation: Reservation, asked: Asked, parts: Sequence[Part], why: Why
) -> Settled:
    units: Counter[str] = Counter()
    for part in parts:
        units[part.case.allocation.sku.code] += part.units
    after: dict[str, object] = {"order": reservation.order, "line": asked.line}
    after |= {"units": dict(units)}
    after |= {"damaged": True} if asked.damaged else {}
    record(why.actor, VERBS[asked.kind], str(reservation.pk), now=why.now, after=after)
    return Settled(dict(units))
