"""Reads of stock, shaped for those who ask."""

from __future__ import annotations

from console.stock.queries.audit import Violation, violations
from console.stock.queries.counts import (
    Coverage,
    SkuCount,
    active_holds,
    ats,
    counted,
    counters,
    coverage,
    oversold,
    publishable,
)

__all__ = [
    "Coverage",
    "SkuCount",
    "Violation",
    "active_holds",
    "ats",
    "counted",
    "counters",
    "coverage",
    "oversold",
    "publishable",
    "violations",
]
