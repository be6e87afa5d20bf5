"""The announcements of a plan, as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.campaigns.models import Announcement, Campaign
from console.campaigns.queries.readiness.audience import Reach, reaches
from console.campaigns.rules import Anchor
from console.fatigue import queries as fatigue


@dataclass(frozen=True)
class Planned:
    """One announcement; its instant where the plan has a date.

    reach: how many may be told; None where that is unknown.
    """

    row: Announcement
    at: datetime | None
    reach: Reach | None = None


def told(campaign: Campaign, *, now: datetime) -> Sequence[Planned]:
    """Each announcement, those before the start first.

    One query where nobody is told; up to four in all.
    """
    rows = sorted(campaign.announcements.all(), key=_place)
    if campaign.opens_at is None or campaign.closes_at is None:
        return [Planned(row, None) for row in rows]
    window = (campaign.opens_at, campaign.closes_at)
    found = _reaches(campaign, rows, window, now) if rows else None
    ways: Sequence[Reach | None] = found or [None] * len(rows)
    pairs = zip(rows, ways, strict=True)
    return [Planned(row, row.told.at(*window), reach) for row, reach in pairs]


def _place(row: Announcement) -> tuple[bool, int, str]:
    return row.anchor == Anchor.END, row.minutes, row.medium


def _reaches(
    campaign: Campaign,
    rows: Sequence[Announcement],
    window: tuple[datetime, datetime],
    now: datetime,
) -> list[Reach] | None:
    scope = fatigue.scope_of(campaign.audience)
    policy = fatigue.applicable([scope], now).get(scope)
    if policy is None:
        return None
    said = [row.told for row in rows]
    return reaches(said, window, policy.limits(), scope.name)
