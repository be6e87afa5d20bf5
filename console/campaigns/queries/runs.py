"""Sales right before and right after a plan that share its SKUs, with their depth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from console.campaigns.rules import COUNTED, State
from console.prices.rules import Run
from console.prices.rules.patterns import FOLLOW_ON_DAYS
from console.shell.arrays import array

STATES = sorted({*COUNTED, State.IN_REVIEW})
NEAR = """
select c.code, c.name, c.opens_at, least(c.closes_at, c.ended_at),
    array_agg(k.code order by k.id),
    array_agg(floor(100 * (1 - l.sale_price / l.regular_price))::int order by k.id)
from campaigns_campaign c join campaigns_line l on l.campaign_id = c.id
    join stock_sku k on k.id = l.sku_id
where l.sku_id = any(%(skus)s::bigint[])
    and c.code <> %(code)s and c.state = any(%(states)s)
    and c.currency = %(currency)s and c.channels && %(channels)s::varchar[]
    and c.closes_at > %(since)s and c.opens_at < %(until)s
group by c.id order by c.opens_at, c.id
"""


def near(
    code: str,
    skus: Sequence[int],
    *,
    currency: str,
    channels: Sequence[str],
    opens_at: datetime,
    closes_at: datetime,
    days: int = FOLLOW_ON_DAYS,
) -> list[Run]:
    """Sales, planned or past, that end so soon before or open so soon after.

    Only of these channels.
    """
    said: dict[str, Any] = {
        "skus": array(skus),
        "code": code,
        "states": STATES,
        "currency": currency,
        "channels": list(channels),
        "since": opens_at - timedelta(days=days),
        "until": closes_at + timedelta(days=days),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEAR, said)
        rows = cursor.fetchall()
    return [
        Run(other, name, opens, closes, dict(zip(codes, depths, strict=True)))
        for other, name, opens, closes, codes, depths in rows
    ]
