"""How fast a sale's units go at this moment, told by the holds that buyers take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from console.shell.arrays import array
from console.stock.models import SaleGate
from console.stock.rules import GateState
from console.stock.rules.pace import SPAN, Pace, recent

MOST_HOLDS = 20_000
"""However fast a sale goes, its newest holds tell the pace."""
_TAKEN = """
WITH asked (campaign, since, most, ids) AS MATERIALIZED (
    VALUES (%s, %s::timestamptz, %s, %s::bigint[])
), late AS MATERIALIZED (
    SELECT r.id, r.made_at FROM stock_reservation r, asked
    WHERE r.campaign = asked.campaign AND r.made_at > asked.since
      AND r.state <> 'released'
    ORDER BY r.made_at DESC LIMIT (SELECT most FROM asked)
), span AS MATERIALIZED (
    SELECT CASE WHEN count(late) = asked.most THEN min(late.made_at)
                ELSE asked.since END AS since
    FROM asked LEFT JOIN late ON true GROUP BY asked.most, asked.since
)
SELECT span.since, w.id, date_bin('5 s', late.made_at, span.since), sum(l.units)::int
FROM span LEFT JOIN (
    late JOIN stock_reservationline l ON l.reservation_id = late.id
    JOIN unnest((SELECT ids FROM asked)) AS w (id) ON w.id = l.allocation_id
) ON true
GROUP BY 1, 2, 3
"""


def paces(
    campaign: str, allocation_ids: Iterable[int], *, now: datetime
) -> dict[int, Pace]:
    """The pace of each of these allocations since the sale opened, or lately.

    Empty while the sale takes no reservations.
    """
    gate = SaleGate.objects.filter(campaign=campaign, state=GateState.OPEN).first()
    if gate is None:
        return {}
    ids = set(allocation_ids)
    since = max(gate.opened_at, now - SPAN)
    asked = (campaign, since, MOST_HOLDS, array(ids))
    buckets: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, asked)
        for began, allocation, at, units in cursor.fetchall():
            since = began
            if allocation is not None:
                buckets[allocation].append((at, units))
    return {one: recent(buckets[one], since=since, now=now) for one in ids}


def sale_ends_at(campaign: str) -> datetime | None:
    """When a sale ends, as far as its gate was told."""
    gates = SaleGate.objects.filter(campaign=campaign)
    return gates.values_list("ends_at", flat=True).first()
