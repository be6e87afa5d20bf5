"""Patterns of prices over time that make a reduction doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from console.prices.rules.history import (
    USUAL_DAYS,
    WINDOW_DAYS,
    Point,
    stretches,
    window_start,
)
from console.prices.rules.money import spell

FOLLOW_ON_DAYS = 14
COMPARABLE_POINTS = 5
PERPETUAL_SHARE = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Raised:
    """The regular price went up shortly before a reduction.

    clean_at: the first instant from which the window knows only the raised price, on
    the wall clock of the zone.
    """

    before: Decimal
    after: Decimal
    raised_at: datetime
    clean_at: datetime
    days: int

    def told(self, currency: str) -> str:
        """The sentence for a person."""
        day = f"{self.clean_at.day} {self.clean_at:%b %Y}"
        before, after = spell(self.before, currency), spell(self.after, currency)
        raised = f"raised from {before} to {after}"
        return (
            f"The regular price was {raised} {_days(self.days)} before this reduction. "
            f"The first clean start is {day}."
        )


def raised(
    history: Iterable[Point], at: datetime, zone: str, days: int = WINDOW_DAYS
) -> Raised | None:
    """The last raise of the regular price in the window before a reduction, if any.

    Sale prices are passed over: going back to the regular price is no raise.
    """
    start = window_start(at, zone, days)
    regular = [s for s in stretches(history) if not s.sale and s.start < at]
    steps = pairwise(regular)
    ups = [(old, new) for old, new in steps if new.amount > old.amount]
    if not ups or ups[-1][1].start <= start:
        return None
    old, new = ups[-1]
    clean = _clean_from(new.start, zone, days)
    return Raised(old.amount, new.amount, new.start, clean, (at - new.start).days)


def _clean_from(raised_at: datetime, zone: str, days: int) -> datetime:
    """The first instant whose window begins no earlier than the raise."""
    clean = window_start(raised_at, zone, -days)
    clean += max(timedelta(), raised_at - window_start(clean, zone, days))
    return clean.astimezone(ZoneInfo(zone))


def on_sale_share(
    history: Iterable[Point], at: datetime, zone: str, days: int = USUAL_DAYS
) -> Decimal | None:
    """The share of the known time before `at` with a sale price, from 0 to 1.

    None where no price is known.
    """
    start = window_start(at, zone, days)
    spans = [
        (s.sale, min(s.end or at, at) - max(s.start, start))
        for s in stretches(history)
        if s.within(start, at)
    ]
    known = sum((span for _, span in spans), timedelta())
    sold = sum((span for sale, span in spans if sale), timedelta())
    second = timedelta(seconds=1)
    return Decimal(sold // second) / (known // second) if known >= second else None


def perpetual(
    history: Iterable[Point],
    at: datetime,
    zone: str,
    most: Decimal = PERPETUAL_SHARE,
) -> Decimal | None:
    """The share of the last 90 days on sale if it is above `most`: a sale without end.

    most: our default; no law names a share.
    """
    share = on_sale_share(history, at, zone)
    return share if share is not None and share > most else None


@dataclass(frozen=True, slots=True)
class Run:
    """A sale that ran or will run: how deep it goes, in percent, by SKU."""

    code: str
    name: str
    opens_at: datetime
    closes_at: datetime
    depths: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FollowOn:
    """A sale that offers about the same right after another one "ended"."""

    run: Run
    skus: Sequence[str]
    days: int

    @property
    def text(self) -> str:
        """The sentence for a person."""
        when = f"{_days(self.days)} after" if self.days > 0 else "before"
        return (
            f"{self.run.name} offers as much off {len(self.skus):,} of the same SKUs "
            f"{when} this sale ends, so its end would not be real."
        )


def follow_ons(
    run: Run,
    others: Iterable[Run],
    *,
    days: int = FOLLOW_ON_DAYS,
    points: int = COMPARABLE_POINTS,
) -> list[FollowOn]:
    """The sales that go on with a comparable offer within `days` after this one ends.

    Comparable: the same SKU at most `points` less deep. Source: the CMA's example of
    50% off one product, followed by 50% off everything including it.
    """
    found = []
    for other in sorted(others, key=lambda one: one.opens_at):
        after = other.opens_at - run.closes_at
        if after >= timedelta(days=days) or other.closes_at <= run.closes_at:
            continue
        skus = [
            sku
            for sku, depth in sorted(run.depths.items())
            if other.depths.get(sku, -100) >= depth - points and depth > 0
        ]
        if skus and other.code != run.code:
            found.append(FollowOn(other, skus, max(0, after.days)))
    return found


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
