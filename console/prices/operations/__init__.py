"""Every write of prices, one transaction each."""

from __future__ import annotations

from console.prices.operations.conflicts import (
    AlreadyDecided,
    ask,
    decide,
    reopen,
    settle,
)
from console.prices.operations.evidence import seal_evidence
from console.prices.operations.history import (
    Note,
    backfill,
    check_note,
    hold,
    note,
    note_all,
    unsaid,
)

__all__ = [
    "AlreadyDecided",
    "Note",
    "ask",
    "backfill",
    "check_note",
    "decide",
    "hold",
    "note",
    "note_all",
    "reopen",
    "seal_evidence",
    "settle",
    "unsaid",
]
