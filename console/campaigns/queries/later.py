"""What a plan takes from the claims of sales after it: the look-ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL

from console.campaigns.models import Campaign
from console.campaigns.queries.readiness.parts import Candidate
from console.campaigns.queries.remembered import remembered
from console.campaigns.rules import OUTSIDE, OVER
from console.prices import queries as prices
from console.prices.models import WEB
from console.prices.rules.lookahead import Fall
from console.prices.rules.packs import packs
from console.prices.rules.planned import Packed, Planned
from console.shell.arrays import array

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

REACH = timedelta(days=31)
"""A price counts for the claims of sales that open within so many days after it."""
ROW = np.dtype([("sku", ">i4"), ("amount", ">i8")])
FEW = 1_000
"""So many SKUs are looked for among the lines; with more, reading all is quicker."""
LINES = """
select l.campaign_id, string_agg(
    int4send(l.sku_id::int) || int8send((l.sale_price * 1000)::int8), ''::bytea)
from campaigns_line l where l.campaign_id = any(%s) {only} group by 1
"""
"""One value of bytes a sale: a hundred thousand prices are no rows of Python."""
TOLD = ["code", "name", "opens_at", "closes_at", "channels", "version", "updated_at"]
ONLY = "and l.sku_id = any(%s::bigint[])"


class Law(TypedDict):
    """What law says of a campaign: as of `Planned`."""

    measured: bool
    zones: list[str]


def falls(
    plan: Candidate,
    opens_at: datetime,
    closes_at: datetime,
    *,
    now: datetime,
    recent: bool = False,
) -> list[Fall]:
    """The sales that may claim less once the plan runs in this window, by opening.

    Compared with the same sales without it; drafts with a date are looked at too.
    recent: the lines of the other sales may come from the cache; only to draw.
    """
    if plan.outside:
        return []
    proposed = _as_planned(replace(plan, opens_at=opens_at, closes_at=closes_at))
    if not proposed or not proposed.prices or opens_at <= now:
        return []
    others = _others(plan, closes_at + REACH, now, recent=recent)
    if not any(other.opens_at > opens_at and other.measured for other in others):
        return []
    return prices.look_ahead(others, proposed, now=now, currency=plan.currency)


def fallen(before: Candidate, after: Candidate, *, now: datetime) -> list[Fall]:
    """The sales that may claim less once a plan, live or not, runs otherwise."""
    old, new = _as_planned(before), _as_planned(after)
    if old is None or new is None or old == new or after.outside:
        return []
    others = _others(after, max(old.closes_at, new.closes_at) + REACH, now)
    if not any(other.opens_at > now and other.measured for other in others):
        return []
    return prices.look_ahead(
        others, new, instead_of=old, now=now, currency=after.currency
    )


def _as_planned(plan: Candidate) -> Planned | None:
    if plan.opens_at is None or plan.closes_at is None:
        return None
    ours = {product.sku: product.sale for product in plan.products}
    channels = tuple(plan.channels) or (WEB,)
    window = plan.opens_at, plan.closes_at
    return Planned(plan.code, plan.name, *window, ours, channels=channels)


def _others(
    plan: Candidate, until: datetime, now: datetime, *, recent: bool = False
) -> list[Planned]:
    """Sales not over yet that open by then and share a SKU, with the shared prices."""
    keys = [product.sku_id for product in plan.products]
    sales = list(_coming(plan, until, now))
    if recent:
        lines = remembered("lines", sales, _lines)
    else:
        lines = _lines(sales, keys if len(keys) <= FEW else ())
    ours = _Ours(keys, [product.sku for product in plan.products])
    shared = {pk: ours.packed(said) for pk, said in lines.items()}
    return _told(sales, {pk: prices for pk, prices in shared.items() if prices})


def _coming(
    plan: Candidate, until: datetime, now: datetime
) -> QuerySet[WithAnnotations[Campaign, Law]]:
    return _with_law(
        Campaign.objects.filter(
            opens_at__lt=until, closes_at__gt=now, currency=plan.currency
        ).exclude(Q(code=plan.code) | Q(state__in=OVER) | Q(price_kind__in=OUTSIDE))
    )


def _lines(sales: Sequence[Campaign], only: Sequence[int] = ()) -> dict[int, bytes]:
    """By campaign, rows of ROW. only: of these SKUs; of all if there are none."""
    if not sales:
        return {}
    asked: list[Any] = [[one.pk for one in sales]]
    if only:
        asked.append(array(only))
    with connection.cursor() as cursor:
        cursor.execute(LINES.format(only=ONLY if only else ""), asked)
        found = dict(cursor.fetchall())
    return {one.pk: found.get(one.pk, b"") for one in sales}


class _Ours:
    """The SKUs of the plan, to find them among the lines of others."""

    def __init__(self, keys: Sequence[int], skus: Sequence[str]) -> None:
        self.skus = skus
        self.places = np.argsort(keys)
        self.keys = np.asarray(keys)[self.places]

    def packed(self, said: bytes) -> Packed:
        """The prices another sale has for them."""
        rows = np.frombuffer(said, dtype=ROW)
        sku = rows["sku"].astype(np.int64)
        near = np.searchsorted(self.keys, sku).clip(max=len(self.keys) - 1)
        ours = self.keys[near] == sku
        return Packed(
            self.skus,
            self.places[near[ours]],
            rows["amount"][ours].astype(np.int64),
        )


def planned(prices: Mapping[int, Mapping[str, Decimal]]) -> list[Planned]:
    """Campaigns with a date as prices hears of them, by opening.

    prices: by the key of the campaign, those of its SKUs.
    """
    return _told(_with_law(Campaign.objects.filter(pk__in=prices)), prices)


def _with_law(
    sales: QuerySet[Campaign],
) -> QuerySet[WithAnnotations[Campaign, Law]]:
    """By opening, each with what law says of it, and without its long columns."""
    said = sales.annotate(measured=_measured(), zones=_zones())
    return said.only(*TOLD).order_by("opens_at", "pk")


def _told(
    sales: Iterable[WithAnnotations[Campaign, Law]],
    prices: Mapping[int, Mapping[str, Decimal]],
) -> list[Planned]:
    return [
        Planned(
            one.code,
            one.name,
            one.opens_at,
            one.closes_at,
            prices[one.pk],
            one.measured,
            tuple(one.zones),
            tuple(one.channels),
        )
        for one in sales
        if one.pk in prices and one.opens_at and one.closes_at
    ]


def _zones() -> RawSQL:
    """The zones of its markets; none without any."""
    return RawSQL(
        """array(
            select distinct market.zone::text from campaigns_market market
            where case when campaigns_campaign.markets = '{}'
                then market.currency = campaigns_campaign.currency
                else market.code = any(campaigns_campaign.markets) end
        )""",
        [],
        output_field=ArrayField(TextField()),
    )


def _measured() -> RawSQL:
    """Whether a law of its markets measures reductions; so does that without any."""
    measuring = sorted({one.id for one in packs() if one.rule("prior_price")})
    return RawSQL(
        """coalesce((
            select bool_or(market.pack = any(%s)) from campaigns_market market
            where case when campaigns_campaign.markets = '{}'
                then market.currency = campaigns_campaign.currency
                else market.code = any(campaigns_campaign.markets) end
        ), true)""",
        [measuring],
        output_field=BooleanField(),
    )
