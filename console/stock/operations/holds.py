"""Reserve, confirm, release: the gate's own functions, one request at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.utils import IntegrityError, OperationalError
from psycopg.errors import SerializationFailure

from console.stock import sqlcalls
from console.stock.models import Reservation, ReservationLine
from console.stock.rules import (
    AlreadyConfirmed,
    HoldState,
    Item,
    OtherOrder,
    UnknownReservation,
    claim,
    refusal,
)


@dataclass(frozen=True)
class Held:
    """A reservation as it was granted, and as a repeated request sees it.

    backordered: units of it that were not there; promise_at: when they are, if known.
    """

    id: UUID
    campaign: str
    buyer: str
    lines: tuple[Item, ...]
    expires_at: datetime
    replayed: bool
    backordered: int = 0
    promise_at: datetime | None = None


@dataclass(frozen=True)
class Confirmed:
    """A paid reservation; `shortfall` units were paid for but are not there."""

    id: UUID
    order: str
    shortfall: int


def reserve(
    campaign: str,
    *,
    lines: Sequence[Item],
    buyer: str,
    key: str,
    now: datetime,
    ttl_s: int | None = None,
    client: str = "console",
) -> Held:
    """Hold units for a buyer until they pay or the time is up: all lines or none.

    Raises:
        NotEnoughStock, SkuStopped, BuyerLimit, UnknownSku: naming the line.
        GatePaused, GateClosed, UnknownCampaign: the sale takes no reservations.
        IdempotencyMismatch: the key came before with another body.
        BadRequest, BadQuantity: a value that cannot be.
    """
    asked = claim(client, key, campaign=campaign, buyer=buyer, lines=lines, ttl_s=ttl_s)
    (row,) = call(sqlcalls.RESERVE, sqlcalls.reserve_values([asked], now))
    _, outcome, expires_at, sku, remaining, promise_at, id_ = row
    if outcome not in ("held", "replayed"):
        raise refusal(asked, outcome, sku, remaining)
    return Held(
        id=UUID(id_),
        campaign=campaign,
        buyer=buyer,
        lines=asked.lines,
        expires_at=expires_at,
        replayed=outcome == "replayed",
        backordered=remaining or 0,
        promise_at=promise_at,
    )


def confirm(reservation_id: UUID, *, order: str, now: datetime) -> Confirmed:
    """Turn a hold into a sale; asked again it answers the same.

    Paying after expiry takes the units if they are still there, else it records a
    shortfall: a paid order is never refused, and stock is never negative.

    Raises:
        UnknownReservation: there is none of this id.
        OtherOrder: another order paid for it.
    """
    values = sqlcalls.confirm_values([(reservation_id, None, order)], now)
    ((_, outcome, short),) = call(sqlcalls.CONFIRM, values)
    if outcome == "unknown_reservation":
        raise UnknownReservation(
            f"There is no reservation {reservation_id}.", field="id"
        )
    if outcome == "confirmed_for_another_order":
        raise OtherOrder(
            f"Another order paid for reservation {reservation_id}.", field="order"
        )
    return Confirmed(id=reservation_id, order=order, shortfall=short)


def release(reservation_id: UUID, *, now: datetime) -> None:
    """End a hold unsold and give its units back; asked again it changes nothing.

    Raises:
        UnknownReservation: there is none of this id.
        AlreadyConfirmed: it was paid.
    """
    values = sqlcalls.release_values([(reservation_id, None)], now)
    ((_, outcome, _),) = call(sqlcalls.RELEASE, values)
    if outcome == "unknown_reservation":
        raise UnknownReservation(
            f"There is no reservation {reservation_id}.", field="id"
        )
    if outcome == "already_confirmed":
        raise AlreadyConfirmed(f"Reservation {reservation_id} was paid.", field="id")


SWEEP_LINES = 2_000
"""Lines a transaction of the sweeper ends: some 50 ms in which a gate may wait."""


def sweep(*, now: datetime) -> int | None:
    """Tidy some of the holds that expired, which stopped counting when they did.

    How many lines ended; 0 when all have, but for those somebody is just paying, and
    None when buyers keep the rest busy at this moment.
    """
    ((swept,),) = call(sqlcalls.SWEEP, [now, SWEEP_LINES])
    return None if swept is None else int(swept)


def mark_expired(*, now: datetime) -> int:
    """Mark reservations that expired and hold no line any more. How many there were.

    Whoever gives lines back marks theirs; this finds what was left because somebody who
    had the reservation at that moment gave up.
    """
    held = ReservationLine.objects.filter(reservation=OuterRef("pk"), held=True)
    late = Reservation.objects.filter(state=HoldState.HELD, expires_at__lte=now)
    marked = late.exclude(Exists(held))
    return int(marked.update(state=HoldState.EXPIRED, ended_at=F("expires_at")))


def call(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one of the room's functions; a twin that got in between means once more."""
    last: Exception = AssertionError()
    for _ in range(3):
        try:
            return _once(sql, values)
        except (IntegrityError, OperationalError) as twin:
            if isinstance(twin, OperationalError) and not _twin(twin):
                raise
            last = twin
    raise last


def _twin(error: OperationalError) -> bool:
    """Whether another got in between, rather than that the database is away."""
    return isinstance(error.__cause__, SerializationFailure)


def _once(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
