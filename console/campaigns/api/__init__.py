"""REST endpoints of campaigns: whatever their pages can do."""

from __future__ import annotations

from console.campaigns.api import (
    bundles,
    calendar,
    decisions,
    imports,
    judging,
    lines,
    plans,
)
from console.campaigns.api.base import routes

__all__ = [
    "bundles",
    "calendar",
    "decisions",
    "imports",
    "judging",
    "lines",
    "plans",
    "routes",
]
