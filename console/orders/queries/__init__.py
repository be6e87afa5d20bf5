"""Reads of orders, shaped for those who ask."""

from __future__ import annotations

from console.orders.queries.account import (
    Reconciliation,
    missing_orders,
    reconciliation,
)
from console.orders.queries.flows import (
    Backlog,
    Flow,
    backlog,
    dead_by_cause,
    flows,
    inflow_per_s,
    panel,
    paused,
)
from console.orders.queries.taken import (
    Point,
    Totals,
    newest,
    paces,
    series,
    shortfall,
    takings_by_sku,
    totals,
)

__all__ = [
    "Backlog",
    "Flow",
    "Point",
    "Reconciliation",
    "Totals",
    "backlog",
    "dead_by_cause",
    "flows",
    "inflow_per_s",
    "missing_orders",
    "newest",
    "paces",
    "panel",
    "paused",
    "reconciliation",
    "series",
    "shortfall",
    "takings_by_sku",
    "totals",
]
