"""Reading the facts of a sale from the rooms below, all as of one instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.live import activity, rules
from console.live.facts import Facts, Minute, Part, Sale, SkuFacts
from console.orders import queries as orders
from console.orders.queries import Point
from console.runbook import queries as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from console.stock import queries as stock
from console.stock.queries import Gauge, SkuCount
from console.stock.queries.publishing import shops
from console.stock.rules.pace import SPAN, Pace, recent

PACE_BUCKET_S = 15
LAST_POINTS = 4
MINUTE = timedelta(minutes=1)
LATE_S = 30.0


def read(
    sale: Sale,
    *,
    now: datetime,
    health: Sequence[Part] = (),
    feeds: Sequence[Gauge] | None = None,
) -> Facts:
    """Everything the board shows of one sale, as of now.

    feeds: as read before, since they are the same for every sale.
    """
    taken = orders.totals(sale.code, now=now)
    steps = list(Step.objects.of(sale.plan))
    width = width_s(sale)
    return Facts(
        code=sale.code,
        name=sale.name,
        state=sale.state,
        at=now,
        opens_at=sale.opens_at,
        closes_at=sale.closes_at,
        zone=sale.zone,
        currency=sale.currency,
        target=sale.target,
        hold_ttl_s=sale.hold_ttl_s,
        orders=taken.orders,
        units=taken.units,
        revenue=taken.revenue,
        per_minute=taken.per_minute,
        newest_order_at=taken.last_at,
        forecast_per_minute=_forecast(sale, now),
        skus=_skus(sale, now),
        oversold=stock.oversold(sale.code),
        shortfall=stock.missing(sale.code).units,
        backlog=orders.backlog(sale.code, now=now),
        points=_last_points(sale, width, now),
        bucket_s=width,
        tally=runbook.counted(steps),
        minutes=_minutes(sale, now),
        failed_steps=[step for step in steps if step.state == State.FAILED],
        late_steps=runbook.late(now=now, plan=sale.plan, over_s=LATE_S),
        events=activity.events(sale, steps, now=now),
        health=health,
        limits=stock.limits(sale.code, now=now),
        audit=stock.last_audit(),
        undersell=stock.last_undersell(),
        shops=shops(now=now, behind=True),
        feeds=stock.feeds(now=now, brief=True) if feeds is None else feeds,
        gone=stock.units_gone(sale.code),
    )


def width_s(sale: Sale) -> int:
    """Seconds a point of this sale's chart stands for."""
    if sale.opens_at is None or sale.closes_at is None:
        return rules.BUCKETS[1]
    return rules.bucket_s(sale.closes_at - sale.opens_at)


def _last_points(sale: Sale, width: int, now: datetime) -> list[Point]:
    """The last whole buckets: a screen that missed one still gets it."""
    until = rules.floored(now, width)
    since = until - timedelta(seconds=width * LAST_POINTS)
    return orders.series(sale.code, since=since, until=until, bucket_s=width)


def _age_s(sale: Sale, at: datetime) -> float:
    opened = sale.opened_at or sale.opens_at
    return (at - opened).total_seconds() if opened else -1.0


def _forecast(sale: Sale, now: datetime) -> float:
    age = _age_s(sale, now)
    if sale.state not in ("live", "paused"):
        return 0.0
    return rules.expected(sale.peak_per_minute, age - 60, age)


def _minutes(sale: Sale, now: datetime) -> list[Minute]:
    """The last two whole minutes; none until the sale is that old."""
    age = _age_s(sale, now)
    if sale.state != "live" or age < 120:
        return []
    since = now - 2 * MINUTE
    seen = orders.series(sale.code, since=since, until=now, bucket_s=60)
    return [
        Minute(
            point.orders,
            rules.expected(sale.peak_per_minute, age - 120 + 60 * n, age - 60 + 60 * n),
        )
        for n, point in enumerate(seen)
    ]


def _skus(sale: Sale, now: datetime) -> list[SkuFacts]:
    since = now - SPAN
    if sale.opened_at is not None:
        since = max(since, sale.opened_at)
    paces = orders.paces(sale.code, since=since, until=now, bucket_s=PACE_BUCKET_S)
    return [
        _sku(one, recent(paces.get(one.sku_code, ()), since=since, now=now))
        for one in stock.counters(sale.code, now=now)
    ]


def _sku(one: SkuCount, pace: Pace) -> SkuFacts:
    return SkuFacts(
        code=one.sku_code,
        name=one.name,
        variant=one.variant,
        quantity=one.quantity + one.backorder,
        buffer=one.buffer,
        sold=one.sold,
        reserved=one.reserved,
        left=one.left,
        per_minute=pace.per_minute,
        eta=pace.sellout(one.for_sale) if one.for_sale else None,
        stopped=one.stopped,
    )
