"""Reads of campaigns, shaped for those who ask."""

from __future__ import annotations

from console.campaigns.queries.brief import (
    Brief,
    Head,
    brief,
    current,
    exist,
    head,
    running,
    upcoming,
)

__all__ = [
    "Brief",
    "Head",
    "brief",
    "current",
    "exist",
    "head",
    "running",
    "upcoming",
]
