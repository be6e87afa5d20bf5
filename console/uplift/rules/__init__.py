"""Decisions of uplift in plain Python."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where a past sale is known from."""

    CAMPAIGN = "campaign"
    FOUND = "found"
    DOUBTFUL = "doubtful"
    HAND = "hand"

    @property
    def label(self) -> str:
        """The words on the page."""
        return LABELS[self]


LABELS = {
    Source.CAMPAIGN: "Campaign",
    Source.FOUND: "Found",
    Source.DOUBTFUL: "Doubtful",
    Source.HAND: "By hand",
}
