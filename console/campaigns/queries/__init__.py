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
from console.campaigns.queries.sales import sales_by_audience, sales_of_audience

__all__ = [
    "Brief",
    "Head",
    "brief",
    "current",
    "exist",
    "head",
    "running",
    "sales_by_audience",
    "sales_of_audience",
    "upcoming",
]
