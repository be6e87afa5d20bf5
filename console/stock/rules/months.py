"""Months of the ledger: whole, and by UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime


def coming_months(now: datetime, ahead: int) -> list[date]:
    """The first day of this month (UTC) and of so many after it."""
    today = now.astimezone(UTC)
    first = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(first, first + ahead + 1)]
