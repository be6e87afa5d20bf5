"""Where a draft may stand on the calendar: each day judged, and the next allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.queries.grounds import Grounds, grounds, next_day
from console.campaigns.queries.readiness.fatigue import check
from console.campaigns.queries.shapes import Shape, shape_of
from console.errors import Refusal
from console.fatigue.rules import Tone

__all__ = ["MOST_DAYS", "Day", "Placing", "Shape", "placing", "shape_of", "soonest"]
MOST_DAYS = 400
PAST = "This day has passed"


@dataclass(frozen=True)
class Day:
    """One day. v: ok, no or past. why: what forbids it; warn: what may be accepted."""

    on: date
    v: str
    why: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placing:
    """The days of a calendar for one draft. after: the first day beyond that passes."""

    campaign: Campaign
    shape: Shape
    days: tuple[Day, ...]
    after: date | None

    def told(self) -> dict[str, Any]:
        """JSON-safe; `on` is the day it has now."""
        opens = self.campaign.opens_local
        return {
            "code": self.campaign.code,
            "name": self.campaign.name,
            "version": self.campaign.version,
            "on": str(opens.date()) if opens else None,
            "opens": f"{self.shape.opens:%H:%M:%S}",
            "lasts_s": int(self.shape.lasts.total_seconds()),
            "zone": self.shape.zone,
            "days": [
                {"on": str(day.on), "v": day.v, "why": day.why, "warn": day.warn}
                for day in self.days
            ],
            "after": str(self.after) if self.after else None,
        }


def placing(
    campaign: Campaign, shape: Shape, *, first: date, days: int, now: datetime
) -> Placing:
    """Judge a draft on each of these days, by all that a date can run into."""
    span = [first + timedelta(days=n) for n in range(min(days, MOST_DAYS))]
    met = grounds(campaign, shape, first, now=now)
    judged = tuple(_day(met, shape, day, now) for day in span)
    return Placing(campaign, shape, judged, next_day(met, shape, span[-1]))


def soonest(campaign: Campaign, *, now: datetime) -> date | None:
    """The first day after today a draft may have, at its time of day; None if unknown.

    Judged by every policy that concerns it, by the freezes, and by the campaigns that
    own a price of its SKUs.
    """
    shape = shape_of(campaign)
    today = now.astimezone(rules.zone_of(shape.zone)).date()
    return next_day(grounds(campaign, shape, today, now=now), shape, today)


def _day(met: Grounds, shape: Shape, day: date, now: datetime) -> Day:
    try:
        window = shape.window(day)
    except Refusal as refused:
        return Day(day, "no", (refused.message,))
    if window.opens_at <= now:
        return Day(day, "past", (PAST,))
    held = [one.said for one in met.holding(window)]
    if not held and met.judges.passes(window.opens_at):
        return Day(day, "ok", warn=tuple(_said(met, window.opens_at, Tone.WARN)))
    return Day(day, "no", (*held, *_said(met, window.opens_at, Tone.BLOCK)))


def _said(met: Grounds, at: datetime, tone: Tone) -> Iterator[str]:
    for reason in met.judges.reasons(at):
        if reason.tone is tone:
            yield check(reason).text
