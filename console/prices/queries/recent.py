"""Histories of the SKUs whose price moved: the others have nothing to look into."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection

from console.prices.models import WEB
from console.prices.rules import USUAL_DAYS, Point, Reason, window_start

_RECENT = """
select wanted.sku, found.from_at, found.amount, found.reason
from unnest(%(skus)s::text[]) as wanted(sku)
cross join lateral (
    (select id, from_at, amount, reason from prices_pricepoint
    where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
        and from_at < %(start)s
    order by from_at desc, id desc limit 1)
    union all
    select id, from_at, amount, reason from prices_pricepoint
    where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
        and from_at >= %(start)s and from_at < %(at)s
) found
order by wanted.sku, found.from_at, found.id
"""


def moved(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
    zone: str = "",
    days: int = USUAL_DAYS,
) -> dict[str, list[Point]]:
    """The prices of the days before an instant, of SKUs that had more than one price.

    The price in force when the days begin comes first. A SKU that was on sale all the
    time counts as well. One query.
    """
    values: dict[str, str | datetime | list[str]] = {
        "skus": sorted(set(sku_codes)),
        "channel": channel,
        "currency": currency,
        "start": window_start(at, zone or settings.SHOP_ZONE, days),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, values)
        rows = cursor.fetchall()
    found: dict[str, list[Point]] = {}
    for sku, from_at, amount, reason in rows:
        point = Point(from_at, amount, reason == Reason.SALE)
        found.setdefault(sku, []).append(point)
    return {sku: points for sku, points in found.items() if _restless(points)}


def _restless(points: list[Point]) -> bool:
    return len(points) > 1 or points[0].sale
