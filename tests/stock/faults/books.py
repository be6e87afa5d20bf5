"""What the database itself says after a fault: asked in SQL, of any database."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

Rows = Callable[[str], list[tuple]]

OVERSOLD = """
SELECT count(*) FROM (
    SELECT sum(CASE WHEN target = 'pool' THEN units WHEN source = 'pool' THEN -units
               ELSE 0 END) OVER (PARTITION BY allocation_id ORDER BY id) AS pool
    FROM stock_movement WHERE allocation_id IS NOT NULL) replayed
WHERE pool < 0
"""
RESERVED = """
SELECT reservation::text, count(*), sum(units) FROM stock_movement
WHERE target = 'reserved' GROUP BY 1
"""
ENDED_EARLY = """
SELECT count(*) FROM stock_movement m
JOIN stock_reservation r ON r.id = m.reservation
WHERE m.reason = 'expired' AND m.at < r.expires_at
"""
SOLD = """
SELECT r.id::text, r."order", sum(l.sold + l.short)
FROM stock_reservation r JOIN stock_reservationline l ON l.reservation_id = r.id
WHERE r.state = 'confirmed' GROUP BY 1, 2
"""
BACK = """
SELECT reservation::text, count(*), sum(units) FROM stock_movement
WHERE source = 'reserved' AND target = 'pool' GROUP BY 1
"""


def here(sql: str) -> list[tuple]:
    """What the database of the tests answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def oversold(rows: Rows) -> int:
    """After how many entries of the ledger more was promised than there was.

    Entries of one allocation have their order from the row they all lock.
    """
    return int(rows(OVERSOLD)[0][0])


def ended_early(rows: Rows) -> int:
    """How many holds were taken from their buyers before they expired."""
    return int(rows(ENDED_EARLY)[0][0])


def reserved_once(rows: Rows) -> set[str]:
    """Reservations in the ledger, each of one unit and entered once."""
    found = rows(RESERVED)
    assert [one for one in found if one[1:] != (1, 1)] == []
    made = {pk for (pk,) in rows("SELECT id::text FROM stock_reservation")}
    assert {pk for pk, _, _ in found} == made
    return made


def sold(rows: Rows) -> dict[str, str]:
    """Paid reservations and the order of each; their units are sold or short."""
    found = rows(SOLD)
    assert [one for one in found if one[2] != 1] == []
    return {pk: order for pk, order, _ in found}


def given_back_once(rows: Rows) -> set[str]:
    """Reservations of one unit whose unit went back to the pool, once."""
    found = rows(BACK)
    assert [one for one in found if one[1:] != (1, 1)] == []
    return {pk for pk, _, _ in found}


def short(rows: Rows) -> int:
    """Units that were paid for and are not there."""
    return int(rows("SELECT coalesce(sum(units), 0) FROM stock_shortfall")[0][0])
