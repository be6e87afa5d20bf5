"""The announcements of a plan, as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.campaigns.models import Announcement, Campaign


@dataclass(frozen=True)
class Planned:
    """One announcement, and its instant where the plan has a date."""

    row: Announcement
    at: datetime | None


def told(campaign: Campaign, *, now: datetime) -> Sequence[Planned]:
    """Each announcement in the order people get them; in one query."""
    found = [Planned(row, _at(campaign, row)) for row in campaign.announcements.all()]
    order = {"start": 0, "end": 1}
    return sorted(
        found,
        key=lambda one: (
            one.at or now,
            order[one.row.anchor],
            one.row.minutes,
            one.row.medium,
        ),
    )


def _at(campaign: Campaign, row: Announcement) -> datetime | None:
    if campaign.opens_at is None or campaign.closes_at is None:
        return None
    return row.told.at(campaign.opens_at, campaign.closes_at)
