"""What each balance is, and what it would be if it were rebuilt from the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Drift:
    """One number of one row that the ledger says otherwise.

    table: level, allocation, source, sold or line. key: what the row is found by: SKU
    and location, allocation, allocation and location, allocation, reservation and
    allocation. before: as kept; after: as the entries say.
    Whether a reservation was paid is told of each of its lines; what is short, never
    having moved, is as its shortfall says.
    """

    table: str
    key: tuple[str, ...]
    sku: str
    where: str
    field: str
    before: int
    after: int


_ALL = """
WITH wanted AS (
    SELECT id, code FROM stock_sku
    WHERE %(skus)s::text[] IS NULL OR code = ANY (%(skus)s)
), flow AS NOT MATERIALIZED (
    -- Each entry twice: out of the one account, into the other.
    SELECT m.at, m.sku_id, m.location_id, m.allocation_id, m.reservation, m.source,
           m.target, f.account, f.units
    FROM stock_movement m JOIN wanted w ON w.id = m.sku_id
    CROSS JOIN LATERAL (
        VALUES (m.source, -m.units), (m.target, m.units)) f (account, units)
), origin AS (
    -- What an allocation has from a location; of one that was given back, had.
    SELECT e.allocation_id, e.location_id,
           CASE WHEN a.returned_at IS NULL THEN sum(units) FILTER (
                    WHERE account = 'pool')
                ELSE sum(units) FILTER (
                    WHERE e.at = a.returned_at AND account = target
                      AND source IN ('pool', 'sold')) END AS units
    FROM flow e JOIN stock_allocation a ON a.id = e.allocation_id
    WHERE e.location_id IS NOT NULL AND e.reservation IS NULL
    GROUP BY e.allocation_id, e.location_id, a.returned_at
), told AS (
    SELECT allocation_id, sum(units) FILTER (WHERE account = 'buffer') AS buffer,
           -sum(units) FILTER (WHERE account = 'promised') AS promised,
           sum(units) FILTER (WHERE account = 'reserved') AS reserved,
           sum(units) FILTER (WHERE account = 'sold' AND target IN ('sold', 'pool'))
               AS sold
    FROM flow WHERE allocation_id IS NOT NULL GROUP BY 1
), kept AS (
    SELECT allocation_id, sum(units) AS units FROM stock_source GROUP BY 1
), own AS (
    SELECT a.id, a.sku_id, a.quantity, a.buffer, a.backorder, a.taken, a.waiting,
           w.code, a.campaign || ' ' || w.code AS place, a.returned_at IS NULL AS mine,
           a.returned_at IS NULL OR a.quantity <> coalesce(k.units, 0) AS doubtful
    FROM stock_allocation a JOIN wanted w ON w.id = a.sku_id
    LEFT JOIN kept k ON k.allocation_id = a.id
), allocations AS (
    SELECT 'allocation', ARRAY[a.id::text], a.code, a.place, v.*
    FROM own a LEFT JOIN told t ON t.allocation_id = a.id
    LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM origin GROUP BY 1) o
           ON o.allocation_id = a.id
    LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_waiter
               WHERE state = 'waiting' GROUP BY 1) q ON q.allocation_id = a.id
    CROSS JOIN LATERAL (VALUES
        ('quantity', a.quantity,
         CASE WHEN doubtful THEN coalesce(o.units, 0) ELSE a.quantity END),
        ('buffer', a.buffer,
         CASE WHEN mine THEN coalesce(t.buffer, 0) ELSE a.buffer END),
        ('backorder', a.backorder,
         CASE WHEN mine THEN coalesce(t.promised, 0) ELSE a.backorder END),
        ('waiting', a.waiting, coalesce(q.units, 0)),
        ('taken', a.taken, coalesce(t.reserved, 0) + coalesce(t.sold, 0))
    ) v
), sold AS (
    SELECT 'sold', ARRAY[a.id::text], a.code, a.place, 'units', coalesce(s.units, 0),
           coalesce(t.sold, 0)
    FROM own a LEFT JOIN told t ON t.allocation_id = a.id
    LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_sold GROUP BY 1) s
           ON s.allocation_id = a.id
), sources AS (
    SELECT 'source', ARRAY[a.id::text, p.id::text], a.code,
           a.place || ' from ' || p.name, 'units', coalesce(s.units, 0),
           coalesce(o.units, 0)
    FROM origin o FULL JOIN stock_source s USING (allocation_id, location_id)
    JOIN own a ON a.id = allocation_id AND a.doubtful
    JOIN stock_location p ON p.id = location_id
), lines AS (
    SELECT 'line', ARRAY[l.reservation_id::text, a.id::text], a.code,
           a.place || ' of ' || l.reservation_id, v.*
    FROM stock_reservationline l JOIN own a ON a.id = l.allocation_id
    JOIN stock_reservation r ON r.id = l.reservation_id
    LEFT JOIN (
        SELECT reservation, allocation_id,
               sum(units) FILTER (WHERE account = 'reserved') AS units,
               sum(units) FILTER (WHERE account = 'sold') AS sold,
               bool_or(target = 'sold') AS paid
        FROM flow WHERE reservation IS NOT NULL GROUP BY 1, 2
    ) m ON m.reservation = l.reservation_id AND m.allocation_id = a.id
    LEFT JOIN stock_shortfall s
           ON s.reservation_id = l.reservation_id AND s.allocation_id = a.id
    CROSS JOIN LATERAL (VALUES
        ('held', l.held::int, (coalesce(m.units, 0) > 0)::int),
        ('units', l.units, CASE WHEN m.units > 0 THEN m.units ELSE l.units END),
        ('sold', l.sold, coalesce(m.sold, 0)),
        ('short', l.short, coalesce(s.units, 0)),
        ('paid', (r.state = 'confirmed')::int,
         (coalesce(m.paid, false) OR s.id IS NOT NULL)::int)
    ) v
), levels AS (
    SELECT 'level', ARRAY[w.id::text, p.id::text], w.code, w.code || ' at ' || p.name,
           v.*
    FROM (
        SELECT sku_id, location_id,
               sum(units) FILTER (WHERE account IN ('free', 'held', 'committed'))
                   AS there,
               sum(units) FILTER (WHERE account = 'held') AS held,
               sum(units) FILTER (WHERE account = 'committed') AS committed
        FROM flow WHERE location_id IS NOT NULL GROUP BY 1, 2
    ) m
    FULL JOIN stock_level l USING (sku_id, location_id)
    JOIN wanted w ON w.id = sku_id
    JOIN stock_location p ON p.id = location_id
    LEFT JOIN (
        SELECT a.sku_id, o.location_id, sum(o.units) AS units
        FROM origin o JOIN own a ON a.id = o.allocation_id AND a.mine GROUP BY 1, 2
    ) o USING (sku_id, location_id)
    CROSS JOIN LATERAL (VALUES
        ('on_hand', coalesce(l.on_hand, 0),
         coalesce(m.there, 0) + coalesce(o.units, 0)),
        ('committed', coalesce(l.committed, 0), coalesce(m.committed, 0)),
        ('allocated', coalesce(l.allocated, 0), coalesce(o.units, 0)),
        -- Entries say what is held, not why: what people set comes first.
        ('buffer', coalesce(l.buffer, 0),
         least(coalesce(l.buffer, 0), coalesce(m.held, 0))),
        ('policy_buffer', coalesce(l.policy_buffer, 0),
         greatest(coalesce(m.held, 0) - coalesce(l.buffer, 0), 0))
    ) v
)
SELECT * FROM (
    TABLE allocations UNION ALL TABLE sold UNION ALL TABLE sources
    UNION ALL TABLE lines UNION ALL TABLE levels
) d (of, key, sku, place, field, before, after)
WHERE before <> after ORDER BY 1, 2, 5
"""


def drifts(skus: Collection[str] | None = None) -> list[Drift]:
    """Every number that is not what the entries say, of these SKUs or of all.

    As of one instant. What a sale had that gave its stock back is asked only where it
    contradicts itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALL, {"skus": None if skus is None else sorted(skus)})
        return [_drift(row) for row in cursor.fetchall()]


def _drift(row: tuple[str, list[str], str, str, str, int, int]) -> Drift:
    table, key, sku, where, field, before, after = row
    return Drift(table, tuple(key), sku, where, field, int(before), int(after))
