"""Units that are neither for sale nor sold, and what the ledger says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from console.stock.models import Allocation, UndersellRun
from console.stock.queries.publishing import published_stale
from console.stock.rules.stuck import RETURNED_WITHIN, SWEPT_WITHIN, Stuck, StuckKind

_STUCK = """
WITH ours AS (
    SELECT a.id, a.campaign, a.taken, a.quantity, k.code FROM stock_allocation a
    JOIN stock_sku k ON k.id = a.sku_id
    WHERE a.returned_at IS NULL
      AND (%(campaign)s::text IS NULL OR a.campaign = %(campaign)s)
), held AS (
    SELECT l.allocation_id,
           sum(l.units) AS units,
           sum(l.units) FILTER (WHERE r.state IN ('confirmed', 'released')) AS ended,
           sum(l.units) FILTER (WHERE r.state NOT IN ('confirmed', 'released')
                                  AND l.expires_at <= %(swept)s) AS late,
           bool_or(r.state = 'held' AND l.expires_at > %(now)s) AS active
    FROM stock_reservationline l JOIN stock_reservation r ON r.id = l.reservation_id
    JOIN ours o ON o.id = l.allocation_id
    WHERE l.held GROUP BY 1
), sold AS (
    SELECT s.allocation_id, sum(s.units) AS units FROM stock_sold s
    JOIN ours o ON o.id = s.allocation_id GROUP BY 1
)
SELECT v.kind, o.campaign, o.code, v.units::int, o.id, v.why
FROM ours o
LEFT JOIN held h ON h.allocation_id = o.id
LEFT JOIN sold s ON s.allocation_id = o.id
LEFT JOIN stock_salegate g ON g.campaign = o.campaign
CROSS JOIN LATERAL (VALUES
    ('orphan', o.taken - coalesce(h.units, 0) - coalesce(s.units, 0), ''),
    ('ended_hold', coalesce(h.ended, 0), ''),
    ('unswept', coalesce(h.late, 0), ''),
    ('not_returned',
     CASE WHEN g.state = 'closed'
           AND g.closed_at <= %(back)s - g.hold_ttl_s * interval '1 second'
          THEN o.quantity - o.taken ELSE 0 END,
     CASE WHEN h.active THEN 'buyers still hold some' ELSE '' END)
) v (kind, units, why)
WHERE v.units > 0 ORDER BY o.campaign, o.code, v.kind
"""
_DOUBTFUL = """
SELECT a.id FROM stock_allocation a
LEFT JOIN (
    SELECT m.allocation_id, sum(CASE WHEN m.target IN ('reserved', 'sold') THEN m.units
               ELSE 0 END - CASE WHEN m.source IN ('reserved', 'sold') THEN m.units
               ELSE 0 END) AS units
    FROM stock_movement m WHERE m.allocation_id = ANY (%(ids)s) GROUP BY 1
) m ON m.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_reservationline
           WHERE held AND allocation_id = ANY (%(ids)s) GROUP BY 1) h
       ON h.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_sold
           WHERE allocation_id = ANY (%(ids)s) GROUP BY 1) s ON s.allocation_id = a.id
WHERE a.id = ANY (%(ids)s)
  AND coalesce(m.units, 0) <> coalesce(h.units, 0) + coalesce(s.units, 0)
"""
Find = Callable[[str | None, datetime], list[Stuck]]


def kept_back(
    campaign: str | None, now: datetime, *, patience: timedelta = SWEPT_WITHIN
) -> list[Stuck]:
    """What a sale's own books keep from being sold, as of one instant.

    patience: how long ago a hold must have expired. campaign: None is every sale.
    """
    asked = {
        "campaign": campaign,
        "now": now,
        "swept": now - patience,
        "back": now - RETURNED_WITHIN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STUCK, asked)
        return [Stuck(*row) for row in cursor.fetchall()]


def shown_as_gone(campaign: str | None, now: datetime) -> list[Stuck]:
    """What shops show as sold out for too long though it is not, as of one instant."""
    stale = published_stale(now=now)
    ours = Allocation.objects.filter(
        sku__code__in={one.sku_code for one in stale}, returned_at=None
    )
    sales = dict(ours.order_by("-pk").values_list("sku__code", "campaign"))
    found = {
        one.sku_code: Stuck(
            StuckKind.SHOWN_AS_GONE,
            sales.get(one.sku_code, ""),
            one.sku_code,
            one.units,
            0,
            f"{one.connection} has not taken the news",
        )
        for one in stale
    }
    return [one for one in found.values() if campaign in (None, one.campaign)]


FINDERS: tuple[Find, ...] = (kept_back, shown_as_gone)
"""Each answers what it finds of a sale, or of all; whoever knows more is added here."""


def stuck(campaign: str | None = None, *, now: datetime) -> list[Stuck]:
    """All units that are neither for sale nor sold, of one sale or of all."""
    return [one for find in FINDERS for one in find(campaign, now)]


def doubtful(ids: Sequence[int]) -> set[int]:
    """Allocations whose holds and sales are not what the ledger says: rebuild them."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL, {"ids": list(ids)})
        return {row[0] for row in cursor.fetchall()}


def last_undersell() -> UndersellRun | None:
    """The last look for stuck units; None if nobody ever looked."""
    return UndersellRun.objects.order_by("-at", "-pk").first()
