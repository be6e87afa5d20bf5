"""The one clock of stock: the database's.

Holds are given by it, so they must end by it, whatever the machines of gates, workers
and pages believe: a worker that is 30 s ahead would take live holds from their buyers.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """What the database's clock says, also inside a long transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (told,) = cursor.fetchone()
        return told  # type: ignore[no-any-return]
