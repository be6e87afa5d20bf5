"""What is in force, the prior price with its evidence, and histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models.expressions import RawSQL

from console.prices import rules
from console.prices.models import WEB, PricePoint
from console.prices.rules import Point, Reason
from console.shell.arrays import array

_PRIOR = """
select wanted.sku, low.amount, low.net, low.from_at, low.reason, low.campaign,
    base.amount
from unnest(%(skus)s::text[]) as wanted(sku)
left join lateral (
    select amount, net, from_at, reason, campaign, id from prices_pricepoint
    where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
        and from_at <= %(start)s and campaign is distinct from %(besides)s
    order by from_at desc, id desc limit 1
) base on true
cross join lateral (
    select * from (
        select base.amount, base.net, base.from_at, base.reason, base.campaign
        where base.id is not null
        union all
        (select distinct on (from_at) amount, net, from_at, reason, campaign
        from prices_pricepoint
        where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
            and from_at > %(start)s and from_at < %(at)s
            and campaign is distinct from %(besides)s
        order by from_at, id desc)
    ) as in_force
    order by amount, from_at desc limit 1
) low
"""


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior price of one SKU, and where it comes from.

    from_at, reason, campaign, net: of the row that set it. net: the same price without
        tax; None where that row does not say, whatever others say.
    window_from: where the 30 days begin; they end where the reduction does begin.
    complete: a price was in force when the window began; if not, the SKU is newer than
        30 days or its history is not backfilled.
    """

    sku: str
    amount: Decimal
    from_at: datetime
    reason: Reason
    campaign: str
    window_from: datetime
    window_to: datetime
    complete: bool
    net: Decimal | None = None


def prior(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
    zone: str = "",
    besides: str | None = None,
) -> dict[str, Prior]:
    """The prior price of each SKU for a reduction that starts at `at`, in one query.

    zone: of the market whose days count; the shop's own if empty. besides: the code of
    a campaign whose prices do not count. A SKU without any history is left out: no
    reduction may be announced for it.
    """
    start = rules.window_start(at, zone or settings.SHOP_ZONE)
    values: dict[str, str | datetime | None] = {
        "skus": array(sorted(set(sku_codes))),
        "channel": channel,
        "currency": currency,
        "start": start,
        "at": at,
        "besides": besides,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PRIOR, values)
        rows = cursor.fetchall()
    return {
        sku: Prior(
            sku, amount, since, Reason(reason), code, start, at, base is not None, net
        )
        for sku, amount, net, since, reason, code, base in rows
    }


def _named(sku_codes: Iterable[str]) -> RawSQL:
    return RawSQL("select unnest(%s::text[])", [array(sorted(set(sku_codes)))])


def in_force(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
    besides: str | None = None,
) -> dict[str, PricePoint]:
    """The row each SKU's price comes from at an instant; without history left out.

    besides: the code of a campaign whose prices do not count.
    """
    found = PricePoint.objects.filter(
        sku__in=_named(sku_codes), channel=channel, currency=currency, from_at__lte=at
    )
    found = found.exclude(campaign=besides) if besides else found
    latest = found.order_by("sku", "-from_at", "-pk").distinct("sku")
    return {point.sku: point for point in latest}


def regular(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
) -> dict[str, Decimal]:
    """The regular price of each SKU at an instant, below a sale price if there is one.

    A SKU whose history holds no regular price yet is left out. One query.
    """
    found = PricePoint.objects.regular(at, channel=channel, currency=currency)
    latest = found.filter(sku__in=_named(sku_codes)).distinct("sku")
    rows = latest.order_by("sku", "-from_at", "-pk")
    return dict(rows.values_list("sku", "amount"))


def by_currency(
    sku_codes: Iterable[str], at: datetime, *, channels: Sequence[str] = (WEB,)
) -> dict[str, dict[str, Decimal]]:
    """What each SKU costs at an instant in every currency it has a history in.

    The lowest of several channels.
    """
    found = PricePoint.objects.filter(
        sku__in=_named(sku_codes), channel__in=channels, from_at__lte=at
    )
    order = ("sku", "currency", "channel", "-from_at", "-pk")
    latest = found.order_by(*order).distinct("sku", "currency", "channel")
    known: dict[str, dict[str, Decimal]] = {}
    for sku, currency, amount in latest.values_list("sku", "currency", "amount"):
        ours = known.setdefault(sku, {})
        ours[currency] = min(amount, ours.get(currency, amount))
    return known


def shelves(owners: Mapping[str, str], channel: str) -> dict[str, str]:
    """Where prices not everybody may have are kept, by SKU; others are left out.

    owners: the campaign each SKU's price belongs to.
    """
    rows = PricePoint.objects.filter(
        sku__in=_named(owners),
        channel__startswith=f"{channel}:",
        campaign__in=set(owners.values()),
    )
    found = rows.order_by("pk").values_list("sku", "campaign", "channel")
    return {sku: shelf for sku, code, shelf in found if owners[sku] == code}


def history(
    sku_code: str, *, channel: str = WEB, currency: str = "EUR"
) -> list[PricePoint]:
    """Every row of one SKU, oldest first."""
    found = PricePoint.objects.of(sku_code, channel=channel, currency=currency)
    return list(found)


def points(
    sku_codes: Iterable[str],
    until: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
    besides: str | None = None,
) -> dict[str, list[Point]]:
    """The histories of many SKUs up to an instant, in one query. besides: as above."""
    rows = PricePoint.objects.filter(
        sku__in=_named(sku_codes), channel=channel, currency=currency
    )
    rows = rows.exclude(campaign=besides) if besides else rows
    found: dict[str, list[Point]] = {}
    for row in rows.until(until).order_by("sku", "from_at", "pk"):
        found.setdefault(row.sku, []).append(row.point())
    return found


def usual(
    sku_codes: Iterable[str],
    at: datetime,
    *,
    channel: str = WEB,
    currency: str = "EUR",
) -> dict[str, Decimal]:
    """The usual price of each SKU: the median of the 90 days before, as `usual_price`.

    SKUs without a price in those days are left out. Two queries, of those days alone.
    """
    zone, codes = settings.SHOP_ZONE, set(sku_codes)
    start = rules.window_start(at, zone, rules.USUAL_DAYS)
    base = in_force(codes, start, channel=channel, currency=currency)
    known = {sku: [row.point()] for sku, row in base.items()}
    since = PricePoint.objects.filter(
        sku__in=_named(codes), channel=channel, currency=currency, from_at__gt=start
    )
    for row in since.until(at).order_by("sku", "from_at", "pk"):
        known.setdefault(row.sku, []).append(row.point())
    found = {sku: rules.usual_price(rows, at, zone) for sku, rows in known.items()}
    return {sku: amount for sku, amount in found.items() if amount is not None}
