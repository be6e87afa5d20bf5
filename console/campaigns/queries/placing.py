"""Where a draft may stand on the calendar: each day judged, and the next allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from console.campaigns import rules
from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries.footprints import recent
from console.campaigns.queries.freezes import in_the_way
from console.campaigns.queries.judging import case, panel
from console.campaigns.queries.readiness.fatigue import check
from console.errors import Refusal
from console.fatigue.rules import Panel, Sale, Tone

OPENS = time(20)
LASTS = timedelta(hours=2)
"""When a draft without a date would start, and for how long."""
MOST_DAYS = 400
TRIES = 60
"""Dates looked at for one that passes at the same time of day."""
PAST = "This day has passed"


@dataclass(frozen=True)
class Shape:
    """What of a window does not change from day to day: its clock and its length.

    lasts: on the wall clock, so a sale over a change of clocks keeps its end.
    """

    opens: time
    lasts: timedelta
    zone: str
    folds: rules.Folds = rules.UNSAID

    def window(self, day: date) -> rules.Window:
        """The window that begins on this day.

        Raises:
            TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: see rules.resolve.
        """
        local = datetime.combine(day, self.opens)
        return rules.resolve(local, local + self.lasts, self.zone, folds=self.folds)


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


def shape_of(campaign: Campaign, lasts: timedelta | None = None) -> Shape:
    """The clock and the length of a plan; ours where it has no date yet."""
    opens, closes = campaign.opens_local, campaign.closes_local
    if opens is None or closes is None:
        return Shape(OPENS, lasts or LASTS, campaign.zone)
    length = lasts or closes - opens
    return Shape(opens.time(), length, campaign.zone, campaign.folds)


def placing(
    campaign: Campaign, shape: Shape, *, first: date, days: int, now: datetime
) -> Placing:
    """Judge a draft on each of these days, by every policy that concerns it."""
    span = [first + timedelta(days=n) for n in range(min(days, MOST_DAYS))]
    judges = judge(campaign, shape, first, now=now)
    frozen = _frozen(campaign, shape, span)
    judged = tuple(_day(judges, shape, day, frozen, now) for day in span)
    return Placing(campaign, shape, judged, _after(judges, shape, span[-1]))


def _frozen(campaign: Campaign, shape: Shape, span: Sequence[date]) -> Sequence[Freeze]:
    """The freezes that any of these days may meet."""
    zone = rules.zone_of(shape.zone)
    start = datetime.combine(span[0], time(), zone)
    end = datetime.combine(span[-1], time(), zone) + timedelta(days=2) + shape.lasts
    return in_the_way(recent(campaign), start, end)


def judge(campaign: Campaign, shape: Shape, first: date, *, now: datetime) -> Panel:
    """The judges of a draft, for any opening from a day on."""
    opens = rules.instant(
        datetime.combine(first, time()) + timedelta(hours=12), shape.zone, fold=0
    ) - timedelta(days=1)
    touched = recent(campaign)
    occasion = campaign.occasion.name if campaign.occasion else ""
    sale = Sale(
        campaign.code,
        campaign.name,
        opens,
        opens + shape.lasts,
        touched.depth,
        occasion=occasion,
        messages=touched.messages(opens, opens + shape.lasts),
    )
    return panel(case(sale, touched, at=now))


def soonest(campaign: Campaign, *, now: datetime) -> date | None:
    """The first day after today a draft may have, at its time of day; None if unknown.

    Judged by every policy that concerns it, and by the freezes.
    """
    shape, touched = shape_of(campaign), recent(campaign)
    today = now.astimezone(rules.zone_of(shape.zone)).date()
    judges = judge(campaign, shape, today, now=now)
    day = _after(judges, shape, today)
    for _ in range(TRIES):
        if day is None:
            return None
        window = shape.window(day)
        if not in_the_way(touched, window.opens_at, window.closes_at):
            return day
        day = _after(judges, shape, day)
    return None


def _day(
    judges: Panel, shape: Shape, day: date, frozen: Sequence[Freeze], now: datetime
) -> Day:
    try:
        window = shape.window(day)
    except Refusal as refused:
        return Day(day, "no", (refused.message,))
    if window.opens_at <= now:
        return Day(day, "past", (PAST,))
    cold = [
        f"Frozen: {one.name}"
        for one in frozen
        if one.starts_at < window.closes_at and one.ends_at > window.opens_at
    ]
    if not cold and judges.passes(window.opens_at):
        return Day(day, "ok", warn=tuple(_said(judges, window.opens_at, Tone.WARN)))
    return Day(day, "no", (*cold, *_said(judges, window.opens_at, Tone.BLOCK)))


def _said(judges: Panel, at: datetime, tone: Tone) -> Iterator[str]:
    for reason in judges.reasons(at):
        if reason.tone is tone:
            yield check(reason).text


def _after(judges: Panel, shape: Shape, last: date) -> date | None:
    """The first day after `last` that passes at this time of day; None if unknown."""
    day = last + timedelta(days=1)
    for _ in range(TRIES):
        try:
            opens = shape.window(day).opens_at
        except Refusal:
            day += timedelta(days=1)
            continue
        found = judges.earliest(opens)
        if found is None:
            return None
        if found == opens:
            return day
        local = found.astimezone(rules.zone_of(shape.zone))
        late = local.time() > shape.opens
        day = max(day + timedelta(days=1), local.date() + timedelta(days=int(late)))
    return None
