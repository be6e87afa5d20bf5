"""The prior price: the lowest price in force in the 30 days before a reduction.

Source: directive 98/6/EC article 6a.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from zoneinfo import ZoneInfo

WINDOW_DAYS = 30
USUAL_DAYS = 90
PROGRESSIVE_GAP = timedelta(days=7)


class Reason(StrEnum):
    """Why a price came into force."""

    REGULAR = "regular"
    SALE = "sale"
    REVERT = "revert"
    BACKFILL = "backfill"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            Reason.REGULAR: "Regular price",
            Reason.SALE: "Sale price",
            Reason.REVERT: "Sale ended",
            Reason.BACKFILL: "Backfilled",
        }[self]


@dataclass(frozen=True, slots=True)
class Point:
    """A price from an instant on, until the next point. net: without tax, if known."""

    from_at: datetime
    amount: Decimal
    sale: bool = False
    net: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A price in force from, inclusive, until, exclusive; open-ended if None."""

    amount: Decimal
    start: datetime
    end: datetime | None
    sale: bool = False
    net: Decimal | None = None

    def within(self, start: datetime, end: datetime) -> bool:
        """True if it was in force at some instant of [start, end)."""
        return self.start < end and (self.end is None or self.end > start)


def stretches(history: Iterable[Point]) -> list[Stretch]:
    """The points as stretches, by time.

    history: in the order it was written. Of two points at one instant the later
    written one holds; the other was never in force.
    """
    history = list(history)
    if len(history) == 1:  # Most prices have not moved, and a plan has 100,000.
        (only,) = history
        return [Stretch(only.amount, only.from_at, None, only.sale, only.net)]
    latest = {point.from_at: point for point in history}
    points = sorted(latest.values(), key=lambda point: point.from_at)
    ends = [*(point.from_at for point in points[1:]), None]
    return [
        Stretch(point.amount, point.from_at, end, point.sale, point.net)
        for point, end in zip(points, ends, strict=False)
    ]


@dataclass(frozen=True, slots=True, order=True)
class Clock:
    """Where a reduction begins in a market: the instant, and the zone of its days."""

    at: datetime
    zone: str


@lru_cache(maxsize=4096)
def window_start(at: datetime, zone: str, days: int = WINDOW_DAYS) -> datetime:
    """The same time on the wall clock so many dates earlier, in UTC.

    Over a change of clocks that is not 720 hours. A wall time that does not exist or
    exists twice is taken as the earlier instant: the longer window is the safe one.
    """
    clock = ZoneInfo(zone)
    wall = at.astimezone(clock).replace(tzinfo=None) - timedelta(days=days)
    both = (wall.replace(tzinfo=clock, fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(both)


def prior_price(
    history: Iterable[Point], at: datetime, zone: str, days: int = WINDOW_DAYS
) -> Decimal | None:
    """The lowest price in force in the window before a reduction at `at`.

    The price already in force when the window starts counts. None without history.
    """
    low = lowest(history, at, zone, days)
    return low.amount if low else None


def lowest(
    history: Iterable[Point], at: datetime, zone: str, days: int = WINDOW_DAYS
) -> Stretch | None:
    """The stretch that sets the prior price, with its own price without tax.

    Of equal prices the latest: the net price is that of one row, never the lowest net
    of several. None without history.
    """
    start = window_start(at, zone, days)
    seen = [s for s in stretches(history) if s.within(start, at)]
    return min(reversed(seen), key=attrgetter("amount"), default=None)


def price_at(history: Iterable[Point], at: datetime) -> Decimal | None:
    """The price in force right before an instant; None without history."""
    past = [s.amount for s in stretches(history) if s.start < at]
    return past[-1] if past else None


def claimable(prior: Decimal | None, sale: Decimal) -> int:
    """The percentage that may be announced: floored, never negative.

    0 means no badge and no strike-through price; so does a missing prior price.
    """
    if not prior or prior <= 0 or sale >= prior:
        return 0
    return int(100 * (prior - sale) // prior)


def highest_for(prior: Decimal, percent: int) -> Decimal:
    """The highest price that may still be announced as this percentage off."""
    return prior * (100 - percent) / 100


def anchor(
    history: Sequence[Point], at: datetime, gap: timedelta = PROGRESSIVE_GAP
) -> datetime:
    """Where a progressive reduction that reaches `at` began.

    Going back from `at`, sale prices belong to it while each is at or below the one
    before and no more than `gap` passed between them. Without one, it begins at `at`.
    """
    began, lowest = at, Decimal(0)
    for stretch in reversed(stretches(history)):
        if stretch.start >= at:
            continue
        if not stretch.sale:
            if began - stretch.start > gap:
                break
            continue
        if stretch.amount < lowest or began - (stretch.end or began) > gap:
            break
        began, lowest = stretch.start, stretch.amount
    return began


def usual_price(
    history: Iterable[Point], at: datetime, zone: str, days: int = USUAL_DAYS
) -> Decimal | None:
    """The median price of the days before `at`, by the time each was in force."""
    start = window_start(at, zone, days)
    spans = sorted(
        (s.amount, min(s.end or at, at) - max(s.start, start))
        for s in stretches(history)
        if s.within(start, at)
    )
    half = sum((span for _, span in spans), timedelta()) / 2
    passed = timedelta()
    for amount, span in spans:
        passed += span
        if passed >= half:
            return amount
    return None


@dataclass(frozen=True, slots=True)
class Depths:
    """How deep a price is, as shares from 0 to 1, against three yardsticks.

    regular: the list. prior: the law's. usual: what shoppers learned to expect.
    None where the yardstick is unknown.
    """

    regular: Decimal | None
    prior: Decimal | None
    usual: Decimal | None


def depths(
    sale: Decimal,
    *,
    regular: Decimal | None,
    prior: Decimal | None,
    usual: Decimal | None,
) -> Depths:
    """The depth of a sale price, three ways; below 0 where it is no reduction."""
    return Depths(_depth(sale, regular), _depth(sale, prior), _depth(sale, usual))


def _depth(sale: Decimal, of: Decimal | None) -> Decimal | None:
    return 1 - sale / of if of else None
