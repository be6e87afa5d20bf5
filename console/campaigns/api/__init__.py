"""REST endpoints of campaigns: whatever their pages can do."""

from __future__ import annotations

from console.campaigns.api import (
    asof,
    bundles,
    calendar,
    catalogue,
    changes,
    decisions,
    desk,
    imports,
    judging,
    lines,
    occasions,
    places,
    plans,
    pricing,
    too_often,
)
from console.campaigns.api.base import routes

__all__ = [
    "asof",
    "bundles",
    "calendar",
    "catalogue",
    "changes",
    "decisions",
    "desk",
    "imports",
    "judging",
    "lines",
    "occasions",
    "places",
    "plans",
    "pricing",
    "routes",
    "too_often",
]
