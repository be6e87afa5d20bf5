"""The rows of publishing: claim what is due, note what the shop shows, send again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Q, QuerySet

from console.errors import OutsideFailure
from console.providers.models import Connection
from console.stock.models import Shopfront, Shown
from console.stock.rules.publishing import (
    AUDIT_EVERY,
    BATCH,
    HOLD_MOST_S,
    LEASE,
    Publishing,
    hold_s,
)

READ_AGAIN = [Publishing.SHOWN, Publishing.UNKNOWN]


@dataclass(frozen=True)
class Row:
    """One claimed SKU. shown: as last read; None if it never was."""

    pk: int
    sku: str
    shown: int | None
    tries: int
    state: str = Publishing.WAITING


@dataclass(frozen=True)
class Round:
    """The right to send these to a shop, and to read those, until the lease ends."""

    connection: str
    fence: int
    rows: tuple[Row, ...]
    again: tuple[Row, ...]


@transaction.atomic
def begin(connection: str, *, now: datetime) -> Round | None:
    """Take a shop and what it should be told next.

    None: held, stopped, served by another worker, or nothing is due.
    """
    shop = (
        Shopfront.objects.filter(_free(now), connection=connection)
        .select_for_update(skip_locked=True)
        .first()
    )
    if shop is None:
        return None
    due = _claimed(connection, now)
    room = BATCH - len(due)
    again = _rows(_to_read(connection, now).order_by("read_at")[:room]) if room else ()
    if not due and not again:
        return None
    shop.fence += 1
    shop.lease_until = now + LEASE
    shop.save(update_fields=["fence", "lease_until"])
    return Round(connection, shop.fence, due, again)


def _free(now: datetime) -> Q:
    held = Q(held_until=None) | Q(held_until__lte=now)
    leased = Q(lease_until=None) | Q(lease_until__lte=now)
    return held & leased & Q(stopped_at=None)


def _due(connection: str, now: datetime) -> QuerySet[Shown]:
    left = Q(lease_until=None) | Q(lease_until__lte=now)
    return Shown.objects.filter(
        left, connection=connection, state=Publishing.WAITING, ready_at__lte=now
    )


def _to_read(connection: str, now: datetime) -> QuerySet[Shown]:
    return Shown.objects.filter(
        connection=connection, state__in=READ_AGAIN, read_at__lte=now - AUDIT_EVERY
    )


def _claimed(connection: str, now: datetime) -> tuple[Row, ...]:
    due = _due(connection, now).order_by("changed_at", "pk")
    taken = due.select_for_update(skip_locked=True, of=("self",))[:BATCH]
    found = _rows(taken)
    ours = Shown.objects.filter(pk__in=[row.pk for row in found])
    ours.update(lease_until=now + LEASE)
    return found


def _rows(found: QuerySet[Shown]) -> tuple[Row, ...]:
    named = found.select_related("sku")
    return tuple(
        Row(one.pk, one.sku.code, one.shown, one.tries, one.state) for one in named
    )


def with_work(*, now: datetime) -> list[str]:
    """The shops that could be told, or asked, something now."""
    resumed = Shopfront.objects.exclude(stopped_at=None)
    for shop in resumed:
        _resume_if_edited(shop)
    free = Shopfront.objects.filter(_free(now)).order_by("connection")
    names = free.values_list("connection", flat=True)
    return [x for x in names if _due(x, now).exists() or _to_read(x, now).exists()]


def _resume_if_edited(shop: Shopfront) -> None:
    """A connection that somebody edited since is tried again."""
    edited = Connection.objects.filter(
        name=shop.connection, updated_at__gt=shop.stopped_at
    )
    if edited.exists():
        Shopfront.objects.filter(pk=shop.pk).update(**CALM)


CALM: dict[str, Any] = {
    "stopped_at": None,
    "held_until": None,
    "failures": 0,
    "error": "",
    "error_kind": "",
}


def values(round_: Round, rows: Sequence[Row]) -> dict[int, int]:
    """What these should show by now, of those that are still this round's to send."""
    if not mine(round_).exists():
        return {}
    still = Shown.objects.filter(
        pk__in=[row.pk for row in rows], state=Publishing.WAITING
    )
    return dict(still.values_list("pk", "wanted"))


def works(round_: Round) -> None:
    """The shop answers: forget that it did not."""
    mine(round_).filter(Q(failures__gt=0) | ~Q(error="")).update(**CALM)


def ours(round_: Round) -> bool:
    """True while no other round has begun; the shop is locked before its SKUs."""
    return bool(list(mine(round_).select_for_update()))


def mine(round_: Round) -> QuerySet[Shopfront]:
    """The shop's row, while no other round has begun."""
    name, fence = round_.connection, round_.fence
    return Shopfront.objects.filter(connection=name, fence=fence)


@transaction.atomic
def refuse(round_: Round, row: Row, failure: OutsideFailure, *, now: datetime) -> None:
    """Note that the shop refuses one SKU; it waits for a person."""
    if not ours(round_):
        return
    Shown.objects.filter(pk=row.pk, state=Publishing.WAITING).update(
        state=Publishing.FAILED,
        lease_until=None,
        read_at=now,
        last_error=(failure.message or failure.kind)[:300],
    )


POSTPONE = """
update stock_shown set tries = tries + 1, last_error = %(why)s,
    ready_at = %(now)s
        + make_interval(secs => least(%(most)s, 2 ^ least(tries + 1, 10)))
where id = any (%(ids)s) and state = 'waiting'
"""


@transaction.atomic
def postpone(
    round_: Round, part: Sequence[Row], failure: OutsideFailure, *, now: datetime
) -> None:
    """Let others go before this part, which the shop could not take this time."""
    if not ours(round_):
        return
    values: dict[str, Any] = {
        "ids": [row.pk for row in part],
        "now": now,
        "most": HOLD_MOST_S,
        "why": (failure.message or failure.kind)[:300],
    }
    with database.cursor() as cursor:
        cursor.execute(POSTPONE, values)


def pass_over(
    round_: Round, part: Sequence[Row], failure: OutsideFailure, *, now: datetime
) -> None:
    """Let others be read before this part, which could not be read this time."""
    if mine(round_).exists():
        told = (failure.message or failure.kind)[:300]
        found = Shown.objects.filter(pk__in=[row.pk for row in part])
        found.filter(state__in=READ_AGAIN).update(read_at=now, last_error=told)


def hold(round_: Round, failure: OutsideFailure, *, now: datetime) -> None:
    """Leave the shop alone for a while, after a failure that may pass."""
    shop = mine(round_).first()
    if shop is None:
        return
    failures = shop.failures + 1
    wait = timedelta(seconds=hold_s(failures, failure.retry_after_s))
    mine(round_).update(
        failures=failures,
        held_until=now + wait,
        error=(failure.message or failure.kind)[:300],
        error_kind=failure.kind[:40],
    )


def stop(round_: Round, failure: OutsideFailure, *, now: datetime) -> None:
    """Send the shop nothing more until a person did something."""
    mine(round_).update(
        stopped_at=now,
        error=(failure.message or failure.kind)[:300],
        error_kind=failure.kind[:40],
    )


@transaction.atomic
def finish(round_: Round, *, now: datetime) -> bool:
    """Give back the shop and what was not sent; True if more could go at once."""
    if not ours(round_):
        return False
    mine(round_).update(lease_until=None)
    rows = Shown.objects.filter(pk__in=[row.pk for row in round_.rows])
    rows.filter(state=Publishing.WAITING).update(lease_until=None)
    free = Shopfront.objects.filter(_free(now), connection=round_.connection).exists()
    return free and _due(round_.connection, now).exists()
