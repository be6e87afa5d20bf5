"""How often the balances are held against the ledger, and when that is late."""

from __future__ import annotations

from datetime import datetime, timedelta

AUDIT_EVERY = timedelta(seconds=10)
EARLY = timedelta(seconds=1)
"""A bell may ring a little early; it is not missed for that."""
SHARE = 60
PATIENCE = 3


def _gap(ms: int) -> timedelta:
    return max(AUDIT_EVERY, SHARE * timedelta(milliseconds=ms))


def audit_due(at: datetime, ms: int) -> datetime:
    """When to look next after a look at `at` that took so long.

    Every ten seconds, but never more than a sixtieth of the time.
    """
    return at + timedelta(milliseconds=ms) + _gap(ms) - EARLY


def audit_late(at: datetime, ms: int) -> datetime:
    """From when on the next look is late: three looks were left out."""
    return at + timedelta(milliseconds=ms) + PATIENCE * _gap(ms)
