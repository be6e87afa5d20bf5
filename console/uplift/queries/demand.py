"""Demand over time: the imported history, and our own orders after its last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, QuerySet, Sum
from numpy.typing import NDArray

from console.orders.models import Order
from console.uplift.models import DailyDemand, HistoryFile
from console.uplift.rules.episodes import MIN_ORDERS, USUAL_DAYS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TABLES = {DAY: "uplift_dailydemand", HOUR: "uplift_hourlydemand"}
UNITS = {DAY: "day", HOUR: "hour"}

# What sold, by SKU and local day or hour; the history first, then our own orders.
SOLD = """
    select sku, at::timestamp as at, orders from {table}
    where at >= %(since)s and at < %(until)s and at < %(own)s
    union all
    select l.sku, date_trunc(%(unit)s, o.accepted_at at time zone %(zone)s), count(*)
    from orders_orderline l join orders_order o on o.id = l.order_id
    where o.accepted_at at time zone %(zone)s >= greatest(%(since)s, %(own)s)
        and o.accepted_at at time zone %(zone)s < %(until)s
    group by 1, 2
"""
OF_SKUS = "select sku, at, orders from ({sold}) sold where sku = any(%(codes)s)"
OF_ALL = "select at, sum(orders) from ({sold}) sold group by at"
FIRST = """
    select sku, min(at)::timestamp from uplift_dailydemand where sku = any(%(codes)s)
        and orders > 0 group by sku
    union all
    select l.sku, min(o.accepted_at at time zone %(zone)s)
    from orders_orderline l join orders_order o on o.id = l.order_id
    where l.sku = any(%(codes)s) group by l.sku
"""


@dataclass(frozen=True)
class Covered:
    """The days of which demand is known: the history, then our orders; half-open.

    own: the days since ordinary orders come to us, not those of campaigns alone. first:
    the day of our first order of any kind.
    """

    history: tuple[date, date] | None
    own: tuple[date, date] | None
    zone: ZoneInfo
    first: date | None = None

    @property
    def spans(self) -> list[tuple[date, date]]:
        """What there is of both."""
        return [span for span in (self.history, self.own) if span]

    @property
    def own_from(self) -> datetime:
        """The local midnight from which on our own orders count."""
        if self.history:
            return midnight(self.history[1])
        return midnight(self.first) if self.first else datetime.max  # noqa: DTZ901

    def has(self, day: date) -> bool:
        """True if what sold on that day is known."""
        return any(since <= day < until for since, until in self.spans)

    def instant(self, local: datetime) -> datetime:
        """The instant of a local time."""
        return local.replace(tzinfo=self.zone)

    def local(self, at: datetime) -> datetime:
        """The local time of an instant."""
        return at.astimezone(self.zone).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """The local time at which a day begins."""
    return datetime.combine(day, time())


def covered(*, now: datetime) -> Covered:
    """What is known, on the clock of the newest history; today is not over."""
    done = HistoryFile.objects.filter(state=HistoryFile.State.DONE)
    newest = done.order_by("-pk").first()
    zone = ZoneInfo(newest.zone if newest else settings.SHOP_ZONE)
    days = DailyDemand.objects.aggregate(first=Min("at"), last=Max("at"))
    history = (days["first"], days["last"] + DAY) if days["first"] else None
    first = _day(Order.objects.all(), zone)
    since = _day(Order.objects.filter(campaign=""), zone)
    today = now.astimezone(zone).date()
    if since and history:
        since = max(since, history[1])
    own = (since, today) if since and since < today else None
    return Covered(history, own, zone, first)


def _day(orders: QuerySet[Order], zone: ZoneInfo) -> date | None:
    """The local day of the first of them."""
    at = orders.aggregate(at=Min("accepted_at"))["at"]
    return at.astimezone(zone).date() if at else None


@dataclass(frozen=True)
class Stretch:
    """Order lines of some SKUs from `since` on, bin by bin. total: of all goods.

    known: bins of which anything is known. first: when each SKU was first sold at all.
    """

    since: datetime
    bin: timedelta
    counts: NDArray[np.float64]
    total: NDArray[np.float64]
    known: NDArray[np.bool_]
    first: NDArray[np.int_]

    def place(self, at: datetime) -> int:
        """The bin that holds a local time."""
        return int((at - self.since) // self.bin)

    def after(self, at: datetime) -> int:
        """The first bin that begins at a local time or later."""
        return -int((self.since - at) // self.bin)


def stretch(
    codes: Sequence[str],
    since: datetime,
    until: datetime,
    *,
    bin: timedelta,
    within: Covered,
) -> Stretch:
    """What some SKUs sold between two local times, by day or by hour."""
    width = -int((since - until) // bin)
    rows = {code: place for place, code in enumerate(codes)}
    counts, total = np.zeros((len(codes), width)), np.zeros(width)
    first = np.full(len(codes), width)
    asked: dict[str, Any] = {"since": since, "until": until, "own": within.own_from}
    asked |= {"unit": UNITS[bin], "zone": within.zone.key, "codes": list(codes)}
    sold = SOLD.format(table=TABLES[bin])
    for sku, at, lines in _rows(OF_SKUS.format(sold=sold), asked):
        counts[rows[sku], int((at - since) // bin)] += lines
    for at, lines in _rows(OF_ALL.format(sold=sold), asked):
        total[int((at - since) // bin)] += float(lines)
    for sku, at in _rows(FIRST, asked):
        first[rows[sku]] = min(first[rows[sku]], (at - since) // bin)
    known = np.array([within.has((since + n * bin).date()) for n in range(width)])
    return Stretch(since, bin, counts, total, known, first)


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


LONGEST_DAYS = 1_100
"""Reductions are looked for in the last three years; older ones are no evidence."""
FEWEST = MIN_ORDERS * USUAL_DAYS
"""A SKU that sold less in all those years was never busy enough for four weeks."""


@dataclass(frozen=True)
class Prices:
    """The daily price, lowest price and order lines of busy SKUs, SKU × day."""

    codes: Sequence[str]
    since: date
    prices: NDArray[np.float32]
    lowest: NDArray[np.float32]
    orders: NDArray[np.int_]


def prices() -> Prices | None:
    """All that could be a reduction at once; None without a history."""
    last = DailyDemand.objects.aggregate(at=Max("at"))["at"]
    if last is None:
        return None
    recent = DailyDemand.objects.filter(at__gt=last - LONGEST_DAYS * DAY)
    since = recent.aggregate(at=Min("at"))["at"]
    busy = recent.values("sku").annotate(sold=Sum("orders")).filter(sold__gte=FEWEST)
    codes = list(busy.order_by("sku").values_list("sku", flat=True))
    rows = {code: place for place, code in enumerate(codes)}
    shape = (len(codes), (last - since).days + 1)
    paid, least = (np.full(shape, np.nan, np.float32) for _ in range(2))
    sold = np.zeros(shape, np.int32)
    found = recent.values_list("sku", "at", "price", "lowest", "orders")
    for sku, at, price, low, orders in found.iterator(chunk_size=20_000):
        row, day = rows.get(sku), (at - since).days
        if row is None:
            continue
        sold[row, day] = orders
        if price is not None:
            paid[row, day], least[row, day] = price, low
    return Prices(codes, since, paid, least, sold)
