"""Decisions of prices in plain Python."""

from __future__ import annotations

from console.prices.rules.guards import (
    Finding,
    Guard,
    Level,
    Offer,
    check_offer,
    outliers,
)
from console.prices.rules.history import (
    WINDOW_DAYS,
    Depths,
    Point,
    Reason,
    anchor,
    claimable,
    depths,
    highest_for,
    prior_price,
    stretches,
    usual_price,
    window_start,
)
from console.prices.rules.money import (
    BadPrice,
    Method,
    charm,
    cut,
    exponent,
    fits,
    sale_price,
)

__all__ = [
    "WINDOW_DAYS",
    "BadPrice",
    "Depths",
    "Finding",
    "Guard",
    "Level",
    "Method",
    "Offer",
    "Point",
    "Reason",
    "anchor",
    "charm",
    "check_offer",
    "claimable",
    "cut",
    "depths",
    "exponent",
    "fits",
    "highest_for",
    "outliers",
    "prior_price",
    "sale_price",
    "stretches",
    "usual_price",
    "window_start",
]
