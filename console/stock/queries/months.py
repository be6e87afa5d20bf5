"""Which months the ledger has a table of its own for."""

from __future__ import annotations

from datetime import date

from django.db import connection

_MONTHS = """
SELECT to_date(right(c.relname, 7), 'YYYY_MM')
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'stock_movement'::regclass
  AND c.relname ~ '^stock_movement_[0-9]{4}_[0-9]{2}$'
ORDER BY 1
"""


def months() -> list[date]:
    """The first day (UTC) of each."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        return [month for (month,) in cursor.fetchall()]
