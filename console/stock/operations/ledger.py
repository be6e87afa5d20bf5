"""Writing the ledger and the levels it explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from console.errors import Refusal
from console.shell import patience
from console.stock import sqlcalls
from console.stock.models import Allocation, Level, Movement
from console.stock.rules import Account

if TYPE_CHECKING:
    from django.contrib.auth.models import User


LOCK_WAIT_S = 5.0
"""How long a person waits for units that somebody else is moving."""


class StockBusy(Refusal):
    """Somebody else is moving these units, and takes longer than we wait."""

    code = "stock_busy"


@contextmanager
def briefly() -> Iterator[None]:
    """Wait for rows of stock a moment, and not for ever; also as a decorator.

    Raises:
        StockBusy: one of them stayed taken; nothing was written.
    """
    with patience.patiently(LOCK_WAIT_S, _busy):
        yield


def _busy() -> StockBusy:
    return StockBusy("Somebody is changing the same stock. Try again in a moment.")


@dataclass(frozen=True)
class Why:
    """Who moves units, when and for what reason."""

    actor: User | None
    now: datetime
    reason: str = ""


@dataclass(frozen=True)
class Move:
    """Units of one SKU between two accounts; a negative number is the way back."""

    sku_id: int
    source: Account
    target: Account
    units: int
    location_id: int | None = None
    allocation_id: int | None = None
    reservation: UUID | None = None


def post(moves: Iterable[Move], why: Why) -> None:
    """Write movements; those of zero units are left out."""
    Movement.objects.bulk_create(
        [_entry(move, why) for move in moves if move.units], batch_size=2000
    )


def post_each(told: Iterable[tuple[Move, Why]]) -> None:
    """Write movements that have a reason each; those of zero units are left out."""
    Movement.objects.bulk_create(
        [_entry(move, why) for move, why in told if move.units], batch_size=2000
    )


def _entry(move: Move, why: Why) -> Movement:
    forward = move.units > 0
    return Movement(
        at=why.now,
        sku_id=move.sku_id,
        location_id=move.location_id,
        allocation_id=move.allocation_id,
        source=move.source if forward else move.target,
        target=move.target if forward else move.source,
        units=abs(move.units),
        reservation=move.reservation,
        actor=why.actor,
        reason=why.reason,
    )


def locked_levels(sku_ids: Iterable[int]) -> list[Level]:
    """The levels of these SKUs, locked in one order, to be taken from in theirs."""
    levels = (
        Level.objects.select_for_update(of=("self",))
        .filter(sku_id__in=set(sku_ids))
        .select_related("location")
        .order_by("sku_id", "location_id")
    )
    return sorted(levels, key=lambda x: (x.sku_id, x.location.position, x.location_id))


def locked_allocations(which: QuerySet[Allocation]) -> list[Allocation]:
    """These allocations, locked in the gate's order; payments go on beside it."""
    return list(which.select_for_update(of=("self",), no_key=True).order_by("pk"))


def reclaim(ids: Sequence[int], now: datetime) -> None:
    """Give back all expired holds on locked allocations.

    Those that somebody is paying at this moment stay.
    """
    with connection.cursor() as cursor:
        ended = 1
        while ended:
            cursor.execute(sqlcalls.RECLAIM_ALL, [list(ids), now])
            (ended,) = cursor.fetchone()


def shift_levels(shifts: Sequence[tuple[int, int, int]]) -> None:
    """Add to the levels' `allocated` and `committed`: (level, allocated, committed)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stock_level AS v SET allocated = v.allocated + w.allocated,"
            " committed = v.committed + w.committed, version = v.version + 1"
            " FROM (SELECT id, sum(a)::int AS allocated, sum(c)::int AS committed"
            " FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS u (id, a, c)"
            " GROUP BY id) w WHERE v.id = w.id",
            [list(column) for column in zip(*shifts, strict=True)] or [[], [], []],
        )


def shift_sources(rows: Sequence[tuple[int, int, int]]) -> None:
    """Add to what allocations have from locations: (allocation, location, units)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "MERGE INTO stock_source s USING"
            " unnest(%s::bigint[], %s::bigint[], %s::int[])"
            " AS w (allocation, location, units)"
            " ON s.allocation_id = w.allocation AND s.location_id = w.location"
            " WHEN MATCHED THEN UPDATE SET units = s.units + w.units"
            " WHEN NOT MATCHED AND w.units > 0 THEN"
            " INSERT (allocation_id, location_id, units)"
            " VALUES (w.allocation, w.location, w.units)",
            [list(column) for column in zip(*rows, strict=True)] or [[], [], []],
        )


def taken_from(level: Level, allocation_id: int, units: int) -> Move:
    """Units of a level into a campaign's pool; negative for the way back."""
    return Move(
        level.sku_id,
        Account.FREE,
        Account.POOL,
        units,
        location_id=level.location_id,
        allocation_id=allocation_id,
    )


def held_back(allocation: Allocation, units: int) -> Move:
    """Units of a campaign's pool into its buffer; negative for the way back."""
    return Move(
        allocation.sku_id,
        Account.POOL,
        Account.BUFFER,
        units,
        allocation_id=allocation.pk,
    )
