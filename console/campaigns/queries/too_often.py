"""Which products the whole calendar puts on sale more often than their limits allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from console.campaigns.queries.history import COUNTS, EVER, OVER, Whole, instants
from console.campaigns.rules import COUNTED
from console.fatigue import queries as fatigue
from console.fatigue.models import Policy
from console.fatigue.rules import EACH_SKU, Limits, Rule, Sale, instant
from console.fatigue.rules.score import micro
from console.fatigue.rules.too_often import HALF, Broken, Turns, broken
from console.stock.models import Sku

SHOWN = 20
SALES = """
with sale as materialized (
    select c.code, c.name, c.opens_at, {over} as over_at, f.skus
    from campaigns_footprint f join campaigns_campaign c on c.id = f.campaign_id
    where {counts} and c.closes_at > %(since)s and f.skus <> ''::bytea
    order by c.opens_at, 4, c.code
)
select array_agg(code), array_agg(name),
    string_agg(timestamptz_send(opens_at), ''),
    string_agg(timestamptz_send(over_at), ''),
    string_agg(int4send(length(skus) / 4), ''), string_agg(skus, '')
from sale
"""


@dataclass(frozen=True)
class Calendar:
    """Every counted sale with products: its code and name, and what it sells."""

    codes: Sequence[str]
    names: Sequence[str]
    turns: Turns

    def sale(self, place: int) -> Sale:
        """The one at a place; its depth is of no interest here."""
        opens, closes = self.turns.opens[place], self.turns.closes[place]
        ends = instant(int(opens)), instant(int(closes))
        return Sale(self.codes[place], self.names[place], *ends, 0)


@dataclass(frozen=True)
class Breach:
    """A sale of a product that its limits do not allow.

    before: the sale it does not rest from, or the first of those that are too many.
    text: what is wrong, as a verdict says it. to_come: it is not open yet.
    """

    sku: str
    product: str
    sale: Sale
    before: Sale
    rule: Rule
    text: str
    to_come: bool


@dataclass(frozen=True)
class TooOften:
    """What was found. sales: how many were looked at.

    limited: a policy asks rest or a cap of some product; without one nothing can be
    too often. products, ahead: on sale too often; and of them, in sales to come.
    count: breaches; first: some of them, the next sale first, then the latest past one.
    """

    limited: bool
    sales: int
    products: int = 0
    ahead: int = 0
    count: int = 0
    first: Sequence[Breach] = ()

    @property
    def more(self) -> int:
        """Breaches that are not among the first."""
        return self.count - len(self.first)


def too_often(*, now: datetime, most: int = SHOWN) -> TooOften:
    """Judge every product of every counted sale by the policies of SKUs of now.

    most: breaches told one by one. Rest and cap are looked at. At most four statements,
    whatever the number of sales.
    """
    policies, single = fatigue.applicable_and_single([EACH_SKU], now)
    held = [*policies.values(), *single.values()]
    calendar = read()
    sales = len(calendar.codes)
    if not any(one.min_gap_days or one.max_sales for one in held):
        return TooOften(False, sales)
    found = list(_broken(policies.get(EACH_SKU), single, calendar.turns))
    coming = int(np.searchsorted(calendar.turns.opens, micro(now), side="right"))
    return TooOften(
        True,
        sales,
        _products([one.skus() for one in found]),
        _products([one.skus(coming) for one in found]),
        sum(len(one.sku) for one in found),
        _told(calendar, found, coming, most),
    )


def read() -> Calendar:
    """Every counted sale with its products, in one statement."""
    said: dict[str, Any] = {"counted": sorted(COUNTED), "since": EVER}
    with connection.cursor() as cursor:
        cursor.execute(SALES.format(over=OVER, counts=COUNTS), said)
        codes, names, opens, over, sold, skus = cursor.fetchone()
    turns = Turns.of(instants(opens), instants(over), _whole(skus), _whole(sold))
    return Calendar(codes or (), names or (), turns)


def _whole(packed: bytes | None) -> Any:
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int32)


def _broken(
    general: Policy | None, single: Mapping[str, Policy], turns: Turns
) -> Iterator[Broken]:
    """What each policy says of the SKUs it holds for; equal ones are asked together."""
    rows = Sku.objects.filter(code__in=single).values_list("pk", "code")
    own = {pk: single[code].limits() for pk, code in rows} if single else {}
    if general:
        yield from broken(general.limits(), turns.without(list(own)))
    alike: dict[Limits, list[int]] = {}
    for pk, limits in sorted(own.items()):
        alike.setdefault(limits, []).append(pk)
    for limits, keys in alike.items():
        yield from broken(limits, turns.only(keys))


def _products(skus: Sequence[Whole]) -> int:
    """How many different ones."""
    return len(np.unique(np.concatenate(skus))) if skus else 0


def _told(
    calendar: Calendar, found: Sequence[Broken], coming: int, most: int
) -> Sequence[Breach]:
    """The first breaches: of the next sales to come, then of the latest past ones."""
    if not found:
        return ()
    sale = np.concatenate([one.sale for one in found]).astype(np.int64)
    whose = np.concatenate([np.full(len(one.sku), n) for n, one in enumerate(found)])
    place = np.concatenate([np.arange(len(one.sku)) for one in found])
    wait = np.where(sale >= coming, sale - coming, len(calendar.codes) + coming - sale)
    key = wait << HALF | np.arange(len(sale))
    first = np.argpartition(key, min(most, len(key)) - 1)[:most]
    first = first[np.argsort(key[first])]
    rows = [(found[whose[n]], int(place[n])) for n in first]
    known = _named([int(one.sku[row]) for one, row in rows])
    return [_breach(calendar, one, row, known, coming) for one, row in rows]


def _breach(
    calendar: Calendar,
    one: Broken,
    row: int,
    known: Mapping[int, tuple[str, str]],
    coming: int,
) -> Breach:
    place = int(one.sale[row])
    sale, before = calendar.sale(place), calendar.sale(int(one.before[row]))
    code, name = known.get(int(one.sku[row]), ("", "A product that is gone"))
    return Breach(
        code, name, sale, before, one.rule, one.said(before, sale), place >= coming
    )


def _named(keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = Sku.objects.filter(pk__in=keys).values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in rows}
