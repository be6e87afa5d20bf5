"""Making the ledger's tables of the coming months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from console.stock.rules import coming_months

AHEAD = 4
"""Months after this one whose tables are there."""


@dataclass(frozen=True)
class MadeMonth:
    """A table that was made; moved: entries of its month that lay in the rest's."""

    month: date
    moved: int


def make_months(*, now: datetime) -> list[MadeMonth]:
    """Make what is missing of this month and the next four, one transaction each.

    Several at once are safe: the second finds the table there.

    Raises:
        OperationalError: somebody reads or writes the rest's table for longer than 5 s;
            months made before it stay.
    """
    made = []
    for month in coming_months(now, AHEAD):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT stock_movement_month(%s)", [month])
            (moved,) = cursor.fetchone()
        if moved is not None:
            made.append(MadeMonth(month, moved))
    return made
