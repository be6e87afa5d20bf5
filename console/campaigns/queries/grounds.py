"""What may forbid a draft a day: policies, freezes, and who owns its prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from console.campaigns import rules
from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import conflicts, freezes
from console.campaigns.queries.conflicts import FAR, Conflict, Spots
from console.campaigns.queries.footprints import Touch, recent
from console.campaigns.queries.judging import case, panel
from console.campaigns.queries.shapes import Shape
from console.campaigns.rules import Window
from console.errors import Refusal
from console.fatigue.rules import LAST, Panel, Sale

MINUTE = timedelta(minutes=1)
TRIES = 60
"""Dates looked at for one that passes at the same time of day."""


@dataclass(frozen=True)
class Held:
    """Something that stands in the way of a window. until: then it does no more."""

    said: str
    until: datetime


@dataclass(frozen=True)
class Grounds:
    """All that a date may run into, from a day on.

    owners: the campaigns that own a price of the draft.
    """

    judges: Panel
    frozen: Sequence[Freeze]
    owners: Sequence[Conflict]

    def holding(self, window: Window) -> Iterator[Held]:
        """What of freezes and owners shares an instant with a window."""
        for freeze in self.frozen:
            if _meets(window, freeze.starts_at, freeze.ends_at):
                yield Held(freezes.said(freeze, at=window.opens_at), freeze.ends_at)
        for owner in self.owners:
            if _meets(window, owner.opens_at, owner.closes_at):
                yield Held(owner.said, owner.closes_at)

    def clear(self, window: Window) -> datetime | None:
        """The first opening, from that of a window on, that may pass; None if unknown.

        Nothing before it can: what holds a window holds each that opens before it ends.
        """
        found = self.judges.earliest(window.opens_at)
        if found is None:
            return None
        return max([found, *(one.until for one in self.holding(window))])

    def first(self, window: Window) -> datetime | None:
        """The first opening, from that of a window on, that passes; None if none does.

        In whole minutes, unless it is that of the window itself.
        """
        lasts, at = window.closes_at - window.opens_at, window.opens_at
        while clear := self.clear(Window(at, at + lasts)):
            if clear == at:
                return at
            if clear > LAST:
                return None
            at = whole_minute(clear)
        return None


def whole_minute(at: datetime) -> datetime:
    """The first whole minute from an instant on."""
    whole = at.replace(second=0, microsecond=0)
    return at if at == whole else whole + MINUTE


def _meets(window: Window, starts_at: datetime, ends_at: datetime) -> bool:
    return starts_at < window.closes_at and ends_at > window.opens_at


def grounds(campaign: Campaign, shape: Shape, first: date, *, now: datetime) -> Grounds:
    """What a draft may run into on a day and on any after it, in a few queries."""
    since = datetime.combine(first, time(), rules.zone_of(shape.zone))
    since -= timedelta(days=1)
    touched = recent(campaign)
    judges = _judges(campaign, touched, shape, first, now)
    frozen = freezes.in_the_way(touched, since, FAR)
    spots = conflicts.spots(campaign.channels, touched.markets)
    return met(judges, frozen, campaign.code, spots, since)


def met(
    judges: Panel, frozen: Sequence[Freeze], code: str, spots: Spots, since: datetime
) -> Grounds:
    """All that a plan may run into from an instant on; two queries.

    frozen: the freezes that concern it from then on. spots: where it sells.
    """
    return Grounds(judges, frozen, conflicts.owners(code, spots, since))


def _judges(
    campaign: Campaign, touched: Touch, shape: Shape, first: date, now: datetime
) -> Panel:
    """The judges of a draft, for any opening from a day on."""
    opens = rules.instant(
        datetime.combine(first, time()) + timedelta(hours=12), shape.zone, fold=0
    ) - timedelta(days=1)
    closes = opens + _length(shape, first)
    sale = Sale(
        campaign.code,
        campaign.name,
        opens,
        closes,
        touched.depth,
        occasion=campaign.occasion.name if campaign.occasion else "",
        messages=touched.messages(opens, closes),
    )
    return panel(case(sale, touched, at=now))


def _length(shape: Shape, day: date) -> timedelta:
    """How long it runs: longer than on one clock if its markets have several."""
    try:
        window = shape.window(day) if shape.places else None
    except Refusal:
        window = None
    return window.closes_at - window.opens_at if window else shape.lasts


def next_day(met: Grounds, shape: Shape, last: date) -> date | None:
    """The first day after another that passes at its time of day; None if unknown."""
    day = last + timedelta(days=1)
    for _ in range(TRIES):
        try:
            window = shape.window(day)
        except Refusal:
            day += timedelta(days=1)
            continue
        clear = met.clear(window)
        if clear is None or clear == window.opens_at:
            return None if clear is None else day
        day = shape.day_from(clear, after=day)
    return None
