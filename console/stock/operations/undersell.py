"""Looking for units that are neither for sale nor sold, and freeing them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock import queries
from console.stock.models import (
    Allocation,
    Reservation,
    ReservationLine,
    UndersellRun,
)
from console.stock.operations.ledger import (
    Move,
    Why,
    briefly,
    locked_allocations,
    post,
)
from console.stock.operations.ledger import (
    reclaim as reclaim_expired,
)
from console.stock.operations.returns import HoldsActive, return_units
from console.stock.rules import Account, HoldState
from console.stock.rules.stuck import Stuck, StuckKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LOOK_LOCK = 5714
KEEP = timedelta(days=1)
MOST_TOLD = 100
ENDED = (HoldState.CONFIRMED, HoldState.RELEASED)
REBUILD = "the ledger says otherwise: propose a rebuild"
_COUNTED = """
UPDATE stock_allocation a SET taken = c.units
FROM (
    SELECT x.id, (
        SELECT coalesce(sum(l.units), 0) FROM stock_reservationline l
        WHERE l.allocation_id = x.id AND l.held
    ) + (
        SELECT coalesce(sum(s.units), 0) FROM stock_sold s WHERE s.allocation_id = x.id
    ) AS units
    FROM unnest(%s::bigint[]) x (id)
) c
WHERE a.id = c.id AND a.taken > c.units
"""
"""Under the allocations' locks: what nobody holds and nobody bought is not taken."""


def look_for_stuck(*, now: datetime) -> UndersellRun | None:
    """Look at every sale and write down what is stuck; None where somebody looks."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOOK_LOCK])
            if not cursor.fetchone()[0]:
                return None
        began = time.perf_counter()
        found = queries.stuck(now=now)
        run = UndersellRun.objects.create(
            at=now,
            ms=round((time.perf_counter() - began) * 1000),
            units=sum(one.units for one in found),
            findings=[asdict(one) for one in _first(found)],
        )
        UndersellRun.objects.filter(at__lt=now - KEEP).delete()
        return run


def _first(found: Sequence[Stuck]) -> list[Stuck]:
    """Some of each sale, so that none hides behind another."""
    by_sale = groupby(sorted(found, key=lambda x: x.campaign), lambda x: x.campaign)
    return [one for _, of_it in by_sale for one in islice(of_it, MOST_TOLD)]


def reclaim(
    campaign: str | None = None, *, dry: bool, actor: User | None, now: datetime
) -> list[Stuck]:
    """Make stuck units sellable again, sale by sale; what was done, or would be.

    dry: nothing is changed. `why` of what stays as it is says what keeps it so. Each
    sale is one transaction; giving a closed one back is another.

    Raises:
        OutOfScope: the person is limited to other categories or markets.
        StockBusy: somebody moves the same units; what was done so far stays done.
    """
    found = planned(campaign, now)
    if dry:
        return found
    done: list[Stuck] = []
    for code, of_it in groupby(
        sorted(found, key=lambda one: one.campaign), key=lambda one: one.campaign
    ):
        done += _freed(code, list(of_it), Why(actor, now, "reclaimed"))
    return done


def planned(campaign: str | None, now: datetime) -> list[Stuck]:
    """What is stuck at this instant, and what keeps some of it so."""
    found = queries.kept_back(campaign, now, patience=timedelta(0))
    found += queries.shown_as_gone(campaign, now)
    counted = (StuckKind.ORPHAN, StuckKind.ENDED_HOLD)
    doubtful = queries.doubtful([x.allocation_id for x in found if x.kind in counted])
    return [
        replace(one, why=REBUILD)
        if one.allocation_id in doubtful and one.kind in counted
        else one
        for one in found
    ]


def _freed(campaign: str, found: Sequence[Stuck], why: Why) -> list[Stuck]:
    check_within(why.actor, Kind.CAMPAIGN, [campaign])
    check_within(why.actor, Kind.SKU, {one.sku for one in found})
    kept = [one for one in found if one.why]
    closed = [one for one in found if one.kind == StuckKind.NOT_RETURNED]
    units = [one for one in found if one not in kept and one not in closed]
    done = _free(campaign, units, why) if units else []
    closed = [one for one in closed if one not in kept]
    if closed:
        try:
            return_units(campaign, actor=why.actor, now=why.now)
        except HoldsActive:
            closed = [replace(x, why="buyers still hold some") for x in closed]
    told = [*kept, *done, *closed]
    return sorted(told, key=lambda one: (one.sku, one.kind))


@operation()
@briefly()
def _free(campaign: str, found: Sequence[Stuck], why: Why) -> list[Stuck]:
    """Under the locks of holds and allocations, decide anew and free what is stuck."""
    ids = sorted({one.allocation_id for one in found})
    ended = ReservationLine.objects.filter(
        allocation__in=ids, held=True, reservation__state__in=ENDED
    )
    owners = list(ended.values_list("reservation", flat=True))
    list(Reservation.objects.select_for_update().filter(pk__in=owners).order_by("pk"))
    locked_allocations(Allocation.objects.filter(pk__in=ids))
    before = _taken(ids)
    by_kind = {StuckKind.ENDED_HOLD: _end(ids, owners, why)}
    middle = _taken(ids)
    reclaim_expired(ids, why.now)
    later = _taken(ids)
    by_kind[StuckKind.UNSWEPT] = middle - later
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [ids])
    by_kind[StuckKind.ORPHAN] = later - _taken(ids)
    done = [_done(one, by_kind) for one in found]
    _tell(campaign, [one for one in done if one.units], before, why)
    return [one for one in done if one.units]


def _taken(ids: Sequence[int]) -> Counter[int]:
    found = Allocation.objects.filter(pk__in=ids).values_list("pk", "taken")
    return Counter(dict(found))


def _end(ids: Sequence[int], owners: Sequence[UUID], why: Why) -> Counter[int]:
    """Units of ended reservations back to the pool, each with its entry."""
    lines = ReservationLine.objects.filter(
        allocation__in=ids, reservation__in=owners, held=True
    ).select_related("allocation")
    units: Counter[int] = Counter()
    moves = []
    for line in lines.order_by("reservation", "allocation"):
        units[line.allocation_id] += line.units
        moves.append(
            Move(
                line.allocation.sku_id,
                Account.RESERVED,
                Account.POOL,
                line.units,
                allocation_id=line.allocation_id,
                reservation=line.reservation_id,
            )
        )
    lines.update(held=False)
    for pk, count in units.items():
        Allocation.objects.filter(pk=pk).update(taken=F("taken") - count)
    post(moves, why)
    return units


def _done(one: Stuck, by_kind: dict[StuckKind, Counter[int]]) -> Stuck:
    return replace(one, units=by_kind[StuckKind(one.kind)][one.allocation_id])


def _tell(campaign: str, done: Sequence[Stuck], before: Counter[int], why: Why) -> None:
    if not done:
        return
    after: dict[str, object] = {"units": sum(one.units for one in done)}
    after |= {f"{one.sku} {one.kind}": one.units for one in done}
    taken = {one.sku: before[one.allocation_id] for one in done}
    record(why.actor, "stock.reclaim", campaign, now=why.now, before=taken, after=after)
