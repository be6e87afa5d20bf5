"""Histories of the SKUs whose price moved: the others have nothing to look into."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection

from console.prices.models import WEB
from console.prices.rules import USUAL_DAYS, Point, Reason, window_start
from console.shell.arrays import array

_RECENT = """
with recent as (
    select wanted.sku, found.*, count(*) over (partition by wanted.sku) as prices
    from unnest(%(skus)s::text[]) as wanted(sku) cross join lateral (
        (select id, from_at, amount, reason from prices_pricepoint
        where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
            and from_at < %(start)s and campaign is distinct from %(besides)s
        order by from_at desc, id desc limit 1)
        union all
        select id, from_at, amount, reason from prices_pricepoint
        where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
            and from_at >= %(start)s and from_at < %(at)s
            and campaign is distinct from %(besides)s
    ) found
)
select sku, from_at, amount, reason = %(sale)s from recent
where prices > 1 or reason = %(sale)s
order by sku, from_at, id
"""


def moved(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
    zone: str = "",
    besides: str | None = None,
) -> dict[str, list[Point]]:
    """The prices of the days before an instant, of SKUs that had more than one price.

    The price in force when the days begin comes first. A SKU that was on sale all the
    time counts as well. besides: the code of a campaign whose prices do not count. One
    query.
    """
    values: dict[str, str | datetime | None] = {
        "skus": array(sorted(set(sku_codes))),
        "channel": channel,
        "currency": currency,
        "start": window_start(at, zone or settings.SHOP_ZONE, USUAL_DAYS),
        "at": at,
        "sale": Reason.SALE,
        "besides": besides,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, values)
        rows = cursor.fetchall()
    found: dict[str, list[Point]] = {}
    for sku, from_at, amount, sale in rows:
        found.setdefault(sku, []).append(Point(from_at, amount, sale))
    return found
