"""Booking what feeds told: levels locked in their order, all by a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from console.audit.operations import operation
from console.stock.models import FeedMovement, Fence
from console.stock.operations import feed_sql
from console.stock.operations.ledger import Move, Why, briefly, post_each
from console.stock.queries import fences
from console.stock.rules import Account
from console.stock.rules.feeds import (
    PAUSED,
    RETRY,
    Booked,
    Books,
    Key,
    MovementKind,
    MovementState,
    Pending,
    book,
    newest_count,
)

BATCH = 1_000
INTAKE = timedelta(seconds=5)
"""What just came is booked by whoever took it in."""
Place = tuple[int, int]
"""A SKU at a location."""


@dataclass(frozen=True)
class _Level:
    id: int
    on_hand: int
    promised: int


@dataclass(frozen=True)
class _Done:
    """What becomes of one movement, and which fence parks it or tells of it."""

    one: FeedMovement
    booked: Booked
    fence: Fence | None = None


@operation()
@briefly()
def book_these(ids: Iterable[int], *, now: datetime) -> int:
    """Book these movements as far as they fit, and what did not fit at the same levels.

    Raises:
        StockBusy: somebody else moves the same stock; they go on waiting.
    """
    return _book(_claimed(feed_sql.THESE, {"ids": list(ids)}), now)


@operation()
@briefly()
def book_due(*, now: datetime, most: int = BATCH) -> int:
    """Book what waits, was parked by a fence that is down, or found no room before.

    How many were settled; 0 is all for now. Any number may do so at once: each movement
    is claimed by one, and booked in the transaction that claims it, so exactly once.
    Those of a level that somebody else has locked wait alone.

    Raises:
        StockBusy: somebody else makes the same level anew; they go on waiting.
    """
    when = {"settled": now - INTAKE, "tried": now - RETRY, "most": most}
    return _book(_claimed(feed_sql.DUE, when), now, lock=feed_sql.LOCK_FREE)


def _claimed(statement: str, values: dict[str, Any]) -> list[FeedMovement]:
    """Movements nobody else books, locked; they lock before levels, and never wait."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        ids = [pk for (pk,) in cursor.fetchall()]
    found = FeedMovement.objects.filter(pk__in=ids).select_related("feed")
    return list(found.order_by("occurred_at", "pk"))


def _book(
    rows: Sequence[FeedMovement], now: datetime, *, lock: str = feed_sql.LOCK
) -> int:
    """Book claimed movements of the levels that can be locked: how many."""
    at = _by_place(rows)
    if not at:
        return 0
    levels = _locked(list(at), lock)
    at = {place: at[place] for place in levels}
    fence = fences.fenced({sku for sku, _ in at})
    done = list(_parked(at, fence))
    free = _left(at, {one.one.pk for one in done})
    books = _books(levels, free)
    told = {row.pk: row for row in rows}
    for place, pending in free.items():
        settled = book(books[place], pending)
        up = fence.get(place[0])
        done += [_Done(told[one.id], one, _noted(one, up)) for one in settled]
    if done:
        _write(done, levels, now)
    return len(done)


def _by_place(rows: Sequence[FeedMovement]) -> dict[Place, list[FeedMovement]]:
    at: defaultdict[Place, list[FeedMovement]] = defaultdict(list)
    for row in rows:
        at[_place(row)].append(row)
    return at


def _locked(places: Sequence[Place], lock: str) -> dict[Place, _Level]:
    columns = [list(column) for column in zip(*sorted(places), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(feed_sql.MAKE, columns)
        cursor.execute(lock, columns)
        return {(s, p): _Level(pk, n, m) for pk, s, p, n, m in cursor.fetchall()}


def _parked(
    at: dict[Place, list[FeedMovement]], fence: dict[int, Fence]
) -> Iterable[_Done]:
    for (sku, _), rows in at.items():
        for row in rows if sku in fence else ():
            if row.kind in PAUSED:
                yield _Done(row, Booked(row.pk, MovementState.PARKED), fence[sku])


def _noted(booked: Booked, fence: Fence | None) -> Fence | None:
    """The fence whose list tells of it: units are gone that a sale goes on selling."""
    return fence if booked.state == MovementState.SHORT else None


def _left(
    at: dict[Place, list[FeedMovement]], parked: set[int]
) -> dict[Place, list[Pending]]:
    left = {
        place: [_pending(row) for row in rows if row.pk not in parked]
        for place, rows in at.items()
    }
    return {place: pending for place, pending in left.items() if pending}


def _pending(row: FeedMovement) -> Pending:
    return Pending(
        row.pk, MovementKind(row.kind), row.units, row.occurred_at, row.external_id
    )


def _books(
    levels: dict[Place, _Level], pending: dict[Place, list[Pending]]
) -> dict[Place, Books]:
    counted = _counted(pending)
    since = _since(pending)
    return {
        place: Books(
            levels[place].on_hand,
            levels[place].promised,
            counted.get(place),
            since.get(place, 0),
        )
        for place in pending
    }


def _counted(pending: dict[Place, list[Pending]]) -> dict[Place, Key]:
    """The newest count each level knows."""
    if not pending:
        return {}
    columns = [list(column) for column in zip(*pending, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(feed_sql.COUNTED, columns)
        return {(s, p): (when, name) for s, p, when, name in cursor.fetchall()}


def _since(pending: dict[Place, list[Pending]]) -> dict[Place, int]:
    """Units that came to a level after its newest pending count."""
    asked = [
        (*place, count.at)
        for place, rows in pending.items()
        if (count := newest_count(rows)) is not None
    ]
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            feed_sql.SINCE, [list(column) for column in zip(*asked, strict=True)]
        )
        return {(s, p): units for s, p, units in cursor.fetchall()}


def _write(done: Sequence[_Done], levels: dict[Place, _Level], now: datetime) -> None:
    changed: defaultdict[int, int] = defaultdict(int)
    counted: dict[int, datetime] = {}
    for one in done:
        if one.booked.state == MovementState.APPLIED:
            level = levels[_place(one.one)].id
            changed[level] += one.booked.change
            if one.one.kind == MovementKind.COUNTED:
                counted[level] = one.one.occurred_at
    with connection.cursor() as cursor:
        if changed:
            when = [counted.get(pk) for pk in changed]
            cursor.execute(feed_sql.CHANGE, [[*changed], [*changed.values()], when])
        cursor.execute(feed_sql.SETTLE, [now, *_columns(done)])
    post_each((_move(one), _why(one, now)) for one in done)


def _columns(done: Sequence[_Done]) -> list[list[Any]]:
    rows = [
        (
            one.booked.id,
            str(one.booked.state),
            one.booked.expected,
            one.booked.reason,
            one.fence.pk if one.fence else None,
        )
        for one in done
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _place(one: FeedMovement) -> Place:
    assert one.sku_id is not None and one.location_id is not None
    return one.sku_id, one.location_id


def _move(one: _Done) -> Move:
    sku, place = _place(one.one)
    return Move(
        sku, Account.OUTSIDE, Account.FREE, one.booked.change, location_id=place
    )


def _why(one: _Done, now: datetime) -> Why:
    told = f"feed {one.one.feed.name}: {one.one.kind} {one.one.external_id}"
    return Why(None, now, told[:200])
