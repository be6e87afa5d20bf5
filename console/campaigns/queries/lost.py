"""The overlay of the calendar: what planned sales take from each other's claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from console.campaigns.queries.later import REACH, planned
from console.campaigns.queries.spans import Span
from console.campaigns.rules import OUTSIDE, OVER
from console.prices import queries as prices
from console.prices.rules.lost import Loss

MOST_LINES = 100_000
"""Lines looked at for one page, of all sales of the span together."""
Row = tuple[str, int, str, Decimal]
"""Currency, campaign, SKU and price."""
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
SHARED = """
select shared.currency, shared.id, sku.code, shared.sale_price
from (
    select near.id, near.currency, l.sku_id, l.sale_price,
        count(*) over (partition by near.currency, l.sku_id) as sales
    from near join campaigns_line l on l.campaign_id = near.id
) shared join stock_sku sku on sku.id = shared.sku_id
where shared.sales > 1
"""


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
    rows = _shared(start - REACH, end, now)
    if rows is None:
        return Lost(too_many=True)
    found: dict[str, dict[int, dict[str, Decimal]]] = {}
    for currency, pk, sku, price in rows:
        found.setdefault(currency, {}).setdefault(pk, {})[sku] = price
    losses = [
        loss
        for currency, sales in found.items()
        for loss in prices.lost_claims(planned(sales), now=now, currency=currency)
        if start <= loss.fall.opens_at < end
    ]
    return Lost(sorted(losses, key=lambda loss: loss.fall.opens_at))


def _shared(since: datetime, until: datetime, now: datetime) -> list[Row] | None:
    """The lines of every SKU that more than one sale has; None if there are too many.

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
        cursor.execute(NEAR + SHARED, said)
        found: list[Row] = cursor.fetchall()
        return found
