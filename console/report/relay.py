"""How orders waited on their way out: how many at a time, and the longest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from console.report import rules
from console.report.standing import iso

_WAYS = """
WITH way AS (
    SELECT o.accepted_at AS came,
           CASE WHEN bool_and(coalesce(b.sent_at, b.dead_at) IS NOT NULL)
                THEN max(coalesce(b.sent_at, b.dead_at)) END AS went
    FROM orders_order o JOIN orders_outbox b ON b.order_id = o.id
    WHERE o.campaign = %(campaign)s
    GROUP BY o.id
)
"""
_SPAN = """
SELECT max(coalesce(went, %(now)s)), max(went - came) FROM way
"""
_FLOW = """
SELECT floor(extract(epoch FROM instant - %(since)s) / %(width)s)::int,
       sum(came), sum(went)
FROM (
    SELECT came AS instant, 1 AS came, 0 AS went FROM way
    UNION ALL
    SELECT went, 0, 1 FROM way WHERE went IS NOT NULL
) one
WHERE instant >= %(since)s AND instant < %(until)s
GROUP BY 1
"""


def story(
    campaign: str, *, since: datetime | None, now: datetime
) -> dict[str, Any] | None:
    """Orders waiting at the end of each bucket from the opening, and the longest wait.

    None where no order was on its way out yet.
    """
    values: dict[str, Any] = {"campaign": campaign, "now": now}
    ((until, longest),) = _rows(_WAYS + _SPAN, values)
    if since is None or until is None or until <= since:
        return None
    width = rules.width_s((until - since).total_seconds())
    count = int((until - since) / timedelta(seconds=width)) + 1
    values |= {"since": since, "width": width}
    values["until"] = since + timedelta(seconds=width * count)
    came, went = [0] * count, [0] * count
    for place, arrived, left in _rows(_WAYS + _FLOW, values):
        came[place], went[place] = arrived, left
    return {
        "since": iso(since),
        "bucket_s": width,
        "waiting": rules.waiting(came, went),
        "longest_s": round(longest.total_seconds(), 1) if longest else None,
    }


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
