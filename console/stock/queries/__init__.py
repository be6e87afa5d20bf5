"""Reads of stock, shaped for those who ask."""

from __future__ import annotations

from console.stock.queries.audit import Violation, violations
from console.stock.queries.counts import (
    Coverage,
    Outcome,
    SkuCount,
    active_holds,
    ats,
    codes,
    counted,
    counters,
    coverage,
    outcome,
    oversold,
    publishable,
)

__all__ = [
    "Coverage",
    "Outcome",
    "SkuCount",
    "Violation",
    "active_holds",
    "ats",
    "codes",
    "counted",
    "counters",
    "coverage",
    "outcome",
    "oversold",
    "publishable",
    "violations",
]
