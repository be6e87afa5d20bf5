"""Decisions of prices in plain Python."""

from __future__ import annotations

from console.prices.rules.claims import UP_TO_SHARE, Claim, UpTo, up_to
from console.prices.rules.desk import check_currency, check_depth, deepest
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
    spell,
)
from console.prices.rules.patterns import (
    FollowOn,
    Raised,
    Run,
    follow_ons,
    on_sale_share,
    raised,
)

__all__ = [
    "UP_TO_SHARE",
    "WINDOW_DAYS",
    "BadPrice",
    "Claim",
    "Depths",
    "Finding",
    "FollowOn",
    "Guard",
    "Level",
    "Method",
    "Offer",
    "Point",
    "Raised",
    "Reason",
    "Run",
    "UpTo",
    "anchor",
    "charm",
    "check_currency",
    "check_depth",
    "check_offer",
    "claimable",
    "cut",
    "deepest",
    "depths",
    "exponent",
    "fits",
    "follow_ons",
    "highest_for",
    "on_sale_share",
    "outliers",
    "prior_price",
    "raised",
    "sale_price",
    "spell",
    "stretches",
    "up_to",
    "usual_price",
    "window_start",
]
