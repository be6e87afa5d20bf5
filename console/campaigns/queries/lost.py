"""The overlay of the calendar: what planned sales take from each other's claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from console.campaigns.queries.later import REACH, planned
from console.campaigns.queries.spans import Span
from console.campaigns.rules import OUTSIDE, OVER
from console.prices import queries as prices
from console.prices.rules.lost import Loss
from console.prices.rules.planned import Packed

MOST_LINES = 100_000
"""Lines looked at for one page, of all sales of the span together."""
ROW = np.dtype([("sku", ">i4"), ("amount", ">i8")])
CODES = "select id, code from stock_sku where id = any(%s)"
Lines = NDArray[Any]
"""Of ROW."""
Sale = tuple[str, int, Lines]
"""Currency, campaign and its lines."""
NEAR = """
with near as materialized (
    select id, currency from campaigns_campaign
    where opens_at < %(until)s and closes_at > %(since)s and closes_at > %(now)s
        and (opens_at > %(now)s or opened_at is not null) and not state = any(%(over)s)
        and not price_kind = any(%(outside)s)
)
"""
COUNT = """
select count(*) from (select from near join campaigns_line l
    on l.campaign_id = near.id limit %(most)s + 1) as counted
"""
LINES = """
select near.currency, near.id, string_agg(
    int4send(l.sku_id::int) || int8send((l.sale_price * 1000)::int8), ''::bytea)
from near join campaigns_line l on l.campaign_id = near.id
group by 1, 2
"""
"""One value of bytes a sale, as the look-ahead reads its own."""


@dataclass(frozen=True)
class Lost:
    """The losses of a span, by opening. too_many: there are too many lines to look."""

    losses: Sequence[Loss] = ()
    too_many: bool = False

    @property
    def short(self) -> dict[str, str]:
        """In few words, by the code of the sale that loses."""
        return {loss.fall.code: loss.short for loss in self.losses}


def lost(span: Span, *, now: datetime) -> Lost:
    """What the sales that open in a span, and not before now, claim less.

    Drafts with a date count, and so do sales shortly before the span: a price counts
    for the claims of the days after it. Prices outside of the 30-day rule neither take
    nor lose.
    """
    start, end = span.instants
    rows = _lines(start - REACH, end, now)
    if rows is None:
        return Lost(too_many=True)
    found = _shared(rows)
    losses = [
        loss
        for currency, sales in found.items()
        for loss in prices.lost_claims(planned(sales), now=now, currency=currency)
        if start <= loss.fall.opens_at < end
    ]
    return Lost(sorted(losses, key=lambda loss: loss.fall.opens_at))


def _lines(since: datetime, until: datetime, now: datetime) -> list[Sale] | None:
    """Every sale near the span; None if they have too many lines.

    A draft whose start passed takes nothing: it cannot open as it is.
    """
    said: dict[str, Any] = {
        "since": since,
        "until": until,
        "now": now,
        "over": sorted(OVER),
        "outside": list(OUTSIDE),
        "most": MOST_LINES,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEAR + COUNT, said)
        if cursor.fetchone()[0] > MOST_LINES:
            return None
        cursor.execute(NEAR + LINES, said)
        return [
            (currency, pk, np.frombuffer(lines, dtype=ROW))
            for currency, pk, lines in cursor.fetchall()
        ]


def _shared(sales: Sequence[Sale]) -> dict[str, dict[int, Packed]]:
    """By currency and campaign, the prices of SKUs that more than one sale has."""
    return {
        money: _packed({pk: lines for of, pk, lines in sales if of == money})
        for money in {money for money, _, _ in sales}
    }


def _packed(lines: Mapping[int, Lines]) -> dict[int, Packed]:
    """The same of one currency, all named by one list of codes."""
    every = np.concatenate(list(lines.values()))
    keys, place, times = np.unique(
        every["sku"], return_inverse=True, return_counts=True
    )
    shared, codes = times[place] > 1, _codes(keys)
    amount, found, end = every["amount"].astype(np.int64), {}, 0
    for pk, own in lines.items():
        part = slice(end, end := end + len(own))
        kept = shared[part]
        found[pk] = Packed(codes, place[part][kept], amount[part][kept])
    return {pk: one for pk, one in found.items() if len(one)}


def _codes(keys: NDArray[Any]) -> list[str]:
    """Of each of these SKUs; none of one that is gone by now."""
    with connection.cursor() as cursor:
        cursor.execute(CODES, [keys.tolist()])
        named = dict(cursor.fetchall())
    return [named.get(key, "") for key in keys.tolist()]
