"""REST endpoints of campaigns: whatever their pages can do."""

from __future__ import annotations

from console.campaigns.api import (
    bundles,
    calendar,
    changes,
    decisions,
    desk,
    imports,
    judging,
    lines,
    places,
    plans,
)
from console.campaigns.api.base import routes

__all__ = [
    "bundles",
    "calendar",
    "changes",
    "decisions",
    "desk",
    "imports",
    "judging",
    "lines",
    "places",
    "plans",
    "routes",
]
