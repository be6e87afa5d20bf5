"""Decisions of uplift in plain Python."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where a past sale is known from."""

    CAMPAIGN = "campaign"
    FOUND = "found"
    HAND = "hand"

    @property
    def label(self) -> str:
        """The words on the page."""
        return {"campaign": "Campaign", "found": "Found", "hand": "By hand"}[self]
