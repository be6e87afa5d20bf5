"""Reads of stock, shaped for those who ask."""

from __future__ import annotations

from console.stock.queries.audit import Violation, violations
from console.stock.queries.audited import last_audit
from console.stock.queries.counts import (
    Coverage,
    Outcome,
    SkuCount,
    active_holds,
    ats,
    counted,
    counters,
    coverage,
    outcome,
    oversold,
)
from console.stock.queries.drift import Drift, drifts
from console.stock.queries.limits import Limits, limits, listed
from console.stock.queries.months import months
from console.stock.queries.pacing import paces
from console.stock.queries.panel import Anatomy, Asked, Row, anatomy, row, rows
from console.stock.queries.publishing import published_stale
from console.stock.queries.shelves import (
    categories,
    concern,
    current_campaign,
    levels,
    skus,
)
from console.stock.queries.shown import shown
from console.stock.queries.story import (
    HOLDS,
    Change,
    Hold,
    changes,
    entries,
    holds,
)
from console.stock.queries.variants import Variants, variants

__all__ = [
    "HOLDS",
    "Anatomy",
    "Asked",
    "Change",
    "Coverage",
    "Drift",
    "Hold",
    "Limits",
    "Outcome",
    "Row",
    "SkuCount",
    "Variants",
    "Violation",
    "active_holds",
    "anatomy",
    "ats",
    "categories",
    "changes",
    "concern",
    "counted",
    "counters",
    "coverage",
    "current_campaign",
    "drifts",
    "entries",
    "holds",
    "last_audit",
    "levels",
    "limits",
    "listed",
    "months",
    "outcome",
    "oversold",
    "paces",
    "published_stale",
    "row",
    "rows",
    "shown",
    "skus",
    "variants",
    "violations",
]
