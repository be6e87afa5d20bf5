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
ROW = np.dtype([("sku", ">i8"), ("amount", ">i8")])
CODES = "select id, code from stock_sku where id = any(%s) order by id"
Lines = NDArray[Any]
"""Of ROW."""
Sold = tuple[str, int, Lines]
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
    int8send(l.sku_id) || int8send((l.sale_price * 1000)::int8), ''::bytea)
from near join campaigns_line l on l.campaign_id = near.id
group by 1, 2
"""
"""One value of bytes a sale: its lines are no rows of Python."""


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
    in_order = sorted(losses, key=lambda one: (one.fall.opens_at, one.fall.code))
    return Lost(in_order)


def _lines(since: datetime, until: datetime, now: datetime) -> list[Sold] | None:
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


def _shared(sold: Sequence[Sold]) -> dict[str, dict[int, Packed]]:
    """By currency and campaign, the prices of SKUs that more than one sale has."""
    by_currency: dict[str, dict[int, Lines]] = {}
    for currency, pk, lines in sold:
        by_currency.setdefault(currency, {})[pk] = lines
    return {currency: _packed(lines) for currency, lines in by_currency.items()}


def _packed(sales: Mapping[int, Lines]) -> dict[int, Packed]:
    """By campaign, the prices of SKUs that more than one of these has.

    All are named by one list, of these SKUs only: the others need no history.
    """
    keys, times = np.unique(
        np.concatenate([lines["sku"] for lines in sales.values()]), return_counts=True
    )
    codes, keys = _codes(keys[times > 1])
    found = {pk: lines[np.isin(lines["sku"], keys)] for pk, lines in sales.items()}
    return {
        pk: Packed(
            codes,
            np.searchsorted(keys, lines["sku"]),
            lines["amount"].astype(np.int64),
        )
        for pk, lines in found.items()
        if len(lines)
    }


def _codes(keys: NDArray[Any]) -> tuple[list[str], NDArray[Any]]:
    """The codes of these SKUs and their keys, in one order, without those gone."""
    with connection.cursor() as cursor:
        cursor.execute(CODES, [keys.tolist()])
        rows = cursor.fetchall()
    return [code for _, code in rows], np.array([pk for pk, _ in rows], dtype=np.int64)
