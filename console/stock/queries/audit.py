"""Proof that the balances are the sum of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Violation:
    """A balance that is not what the entries say."""

    where: str
    balance: str
    kept: int
    entries: int


_ALLOCATIONS = """
SELECT a.campaign || ' ' || k.code, v.balance, v.kept, v.entries
FROM stock_allocation a
JOIN stock_sku k ON k.id = a.sku_id
LEFT JOIN (
    SELECT allocation_id,
           sum(CASE WHEN target = 'pool' THEN units WHEN source = 'pool' THEN -units
               ELSE 0 END) AS pool,
           sum(CASE WHEN target = 'buffer' THEN units WHEN source = 'buffer' THEN -units
               ELSE 0 END) AS buffer,
           sum(CASE WHEN target = 'reserved' THEN units
               WHEN source = 'reserved' THEN -units ELSE 0 END) AS reserved,
           sum(CASE WHEN target = 'sold' THEN units WHEN source = 'sold' THEN -units
               ELSE 0 END) AS sold,
           sum(CASE WHEN target = 'shipped' THEN units
               WHEN source = 'shipped' THEN -units ELSE 0 END) AS shipped,
           sum(CASE WHEN target = 'returned' THEN units
               WHEN source = 'returned' THEN -units ELSE 0 END) AS returned,
           sum(CASE WHEN source = 'promised' THEN units
               WHEN target = 'promised' THEN -units ELSE 0 END) AS promised,
           sum(CASE WHEN target = 'owed' THEN units WHEN source = 'owed' THEN -units
               ELSE 0 END) AS owed
    FROM stock_movement WHERE allocation_id IS NOT NULL GROUP BY 1
) m ON m.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_sold GROUP BY 1) s
       ON s.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_reservationline
           WHERE held GROUP BY 1) h ON h.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_source GROUP BY 1) o
       ON o.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(shipped - returned) AS units
           FROM stock_delivery GROUP BY 1) d ON d.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(owed - filled - dropped) AS units
           FROM stock_backorder WHERE owed > 0 GROUP BY 1) b ON b.allocation_id = a.id
LEFT JOIN (SELECT allocation_id, sum(units) AS units FROM stock_waiter
           WHERE state = 'waiting' GROUP BY 1) w ON w.allocation_id = a.id
CROSS JOIN LATERAL (SELECT a.returned_at IS NULL AS mine) x
CROSS JOIN LATERAL (VALUES
    ('pool', CASE WHEN mine THEN a.sellable ELSE 0 END, coalesce(m.pool, 0)),
    ('buffer', CASE WHEN mine THEN a.buffer ELSE 0 END, coalesce(m.buffer, 0)),
    ('reserved', coalesce(h.units, 0), coalesce(m.reserved, 0)),
    ('sold', CASE WHEN mine THEN coalesce(s.units, 0) ELSE 0 END, coalesce(m.sold, 0)),
    ('shipped', coalesce(d.units, 0), coalesce(m.shipped, 0)),
    ('returned', 0, coalesce(m.returned, 0)),
    ('promised', CASE WHEN mine THEN a.backorder ELSE 0 END + coalesce(b.units, 0),
     coalesce(m.promised, 0)),
    ('owed', coalesce(b.units, 0), coalesce(m.owed, 0)),
    ('waiting', a.waiting, coalesce(w.units, 0)),
    ('taken', a.taken, coalesce(h.units, 0) + coalesce(s.units, 0)),
    ('quantity', a.quantity, coalesce(o.units, 0))
) v (balance, kept, entries)
WHERE v.kept <> v.entries
"""

_LEVELS = """
SELECT k.code || ' at ' || p.name, v.balance, v.kept, v.entries
FROM (
    SELECT sku_id, location_id,
           sum(CASE WHEN target = 'free' THEN units WHEN source = 'free' THEN -units
               ELSE 0 END) AS free,
           sum(CASE WHEN target = 'committed' THEN units
               WHEN source = 'committed' THEN -units ELSE 0 END) AS committed,
           sum(CASE WHEN target = 'held' THEN units WHEN source = 'held' THEN -units
               ELSE 0 END) AS held
    FROM stock_movement WHERE location_id IS NOT NULL GROUP BY 1, 2
) m
FULL JOIN stock_level l USING (sku_id, location_id)
JOIN stock_sku k ON k.id = sku_id
JOIN stock_location p ON p.id = location_id
LEFT JOIN (
    SELECT a.sku_id, o.location_id, sum(o.units) AS units
    FROM stock_source o JOIN stock_allocation a ON a.id = o.allocation_id
    WHERE a.returned_at IS NULL GROUP BY 1, 2
) o USING (sku_id, location_id)
CROSS JOIN LATERAL (VALUES
    ('free', coalesce(l.on_hand - l.committed - l.allocated - l.buffer
               - l.policy_buffer, 0),
     coalesce(m.free, 0)),
    ('held', coalesce(l.buffer + l.policy_buffer, 0), coalesce(m.held, 0)),
    ('committed', coalesce(l.committed, 0), coalesce(m.committed, 0)),
    ('allocated', coalesce(l.allocated, 0), coalesce(o.units, 0))
) v (balance, kept, entries)
WHERE v.kept <> v.entries
"""

_PRINTS = """
WITH told AS (
    SELECT allocation_id,
           sum(h * CASE WHEN target = 'reserved' THEN units
               WHEN source = 'reserved' THEN -units ELSE 0 END) AS held,
           sum(h * CASE WHEN target = 'sold' THEN units
               WHEN source = 'sold' THEN -units ELSE 0 END) AS sold,
           sum(CASE WHEN target = 'sold' THEN h ELSE 0 END) AS paid
    FROM stock_movement
    CROSS JOIN LATERAL (SELECT uuid_hash_extended(reservation, 0) & 2147483647 AS h) x
    WHERE reservation IS NOT NULL GROUP BY 1
), kept AS (
    SELECT l.allocation_id, sum(CASE WHEN l.held THEN h * l.units ELSE 0 END) AS held,
           sum(h * l.sold) AS sold,
           sum(h * CASE WHEN r.state = 'confirmed' THEN l.short ELSE -l.short END)
               AS short,
           sum(CASE WHEN r.state = 'confirmed' AND l.short < l.units THEN h
               ELSE 0 END) AS paid
    FROM stock_reservationline l
    LEFT JOIN stock_reservation r ON r.id = l.reservation_id
    CROSS JOIN LATERAL (
        SELECT uuid_hash_extended(l.reservation_id, 0) & 2147483647 AS h) x
    GROUP BY 1
), missing AS (
    SELECT allocation_id,
           sum((uuid_hash_extended(reservation_id, 0) & 2147483647) * units) AS short
    FROM stock_shortfall GROUP BY 1
)
SELECT allocation_id
FROM kept k FULL JOIN told t USING (allocation_id)
FULL JOIN missing s USING (allocation_id)
WHERE (coalesce(k.held, 0), coalesce(k.sold, 0), coalesce(k.paid, 0),
       coalesce(k.short, 0))
   <> (coalesce(t.held, 0), coalesce(t.sold, 0), coalesce(t.paid, 0),
       coalesce(s.short, 0))
"""
"""Allocations of which some line is not what its entries say.

A sum in which each line is weighed by the hash of its reservation: units that went from
one buyer to another show too, and no group a reservation is needed, which costs five
times as much. A confirmed line has one entry into `sold`, unless all of it is short;
what is short never moved and is held against its shortfall.
"""

_LINES = """
SELECT a.campaign || ' ' || k.code, 'lines', count(*) FILTER (WHERE agrees), count(*)
FROM (
    SELECT reservation AS reservation_id, allocation_id,
           sum(CASE WHEN target = 'reserved' THEN units
               WHEN source = 'reserved' THEN -units ELSE 0 END) AS reserved,
           sum(CASE WHEN target = 'sold' THEN units WHEN source = 'sold' THEN -units
               ELSE 0 END) AS sold,
           bool_or(target = 'sold') AS paid
    FROM stock_movement
    WHERE reservation IS NOT NULL AND allocation_id = ANY (%(ids)s) GROUP BY 1, 2
) m
FULL JOIN (SELECT * FROM stock_reservationline WHERE allocation_id = ANY (%(ids)s)) l
       USING (reservation_id, allocation_id)
LEFT JOIN stock_reservation r ON r.id = reservation_id
LEFT JOIN stock_shortfall s USING (reservation_id, allocation_id)
JOIN stock_allocation a ON a.id = allocation_id
JOIN stock_sku k ON k.id = a.sku_id
CROSS JOIN LATERAL (SELECT coalesce(
    CASE WHEN l.held THEN l.units ELSE 0 END = coalesce(m.reserved, 0)
    AND l.sold = coalesce(m.sold, 0) AND l.short = coalesce(s.units, 0)
    AND (r.state = 'confirmed') = (coalesce(m.paid, false) OR s.id IS NOT NULL),
    false) AS agrees) x
GROUP BY a.id, k.id
HAVING NOT bool_and(agrees)
"""


def violations() -> list[Violation]:
    """Every balance that its entries do not add up to: none, at any instant.

    Of `lines`, kept says how many are as their entries say, entries how many there are:
    units held, sold and short, and whether their reservation was paid.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_ALLOCATIONS} UNION ALL {_LEVELS} ORDER BY 1, 2")
        found = cursor.fetchall()
        cursor.execute(_PRINTS)
        if ids := [pk for (pk,) in cursor.fetchall()]:
            cursor.execute(_LINES, {"ids": ids})
            found = sorted(found + cursor.fetchall())
    return [Violation(*row) for row in found]
