"""Reads of prices, shaped for those who ask."""

from __future__ import annotations

from console.prices.queries.ahead import look_ahead, lost_claims
from console.prices.queries.history import (
    Prior,
    by_currency,
    history,
    in_force,
    points,
    prior,
    regular,
    shelves,
    usual,
)
from console.prices.queries.recent import moved
from console.prices.queries.standing import Key, Standing, standing

__all__ = [
    "Key",
    "Prior",
    "Standing",
    "by_currency",
    "history",
    "in_force",
    "look_ahead",
    "lost_claims",
    "moved",
    "points",
    "prior",
    "regular",
    "shelves",
    "standing",
    "usual",
]
