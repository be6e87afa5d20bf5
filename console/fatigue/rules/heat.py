"""How hot each day of a calendar is: the highest score of its hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from console.fatigue.rules.book import Book, Numbers, Whole
from console.fatigue.rules.curve import Curve
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.score import Sale, micro


def heat(
    limits: Limits, sales: Iterable[Sale] | Book | Curve, first: date, days: int
) -> list[float]:
    """The highest score of each day, by the wall clock of the policy's zone.

    sales: or their curve, of this policy's half-life, where it is there already.
    """
    curve = sales if isinstance(sales, Curve) else curve_of(limits, sales)
    edges = _midnights(first, days + 1, limits.zone)
    tops = curve.scores(edges[:-1])
    at, peaks = curve.peaks(int(edges[0]))
    day = np.searchsorted(edges, at, side="right") - 1
    within = day < days
    np.maximum.at(tops, day[within], peaks[within])
    found: list[float] = tops.tolist()
    return found


def curve_of(limits: Limits, sales: Iterable[Sale] | Book) -> Curve:
    """How the score of these sales goes by a policy."""
    book = sales if isinstance(sales, Book) else Book.of(sales)
    return Curve(book, limits.half_life_days)


@lru_cache(maxsize=64)
def _midnights(first: date, count: int, zone: str) -> Whole:
    """So many, from the one a date begins with."""
    place, days = ZoneInfo(zone), (first + timedelta(days=n) for n in range(count))
    starts = (datetime(day.year, day.month, day.day, tzinfo=place) for day in days)
    return np.array([micro(start) for start in starts], dtype=np.int64)


def buckets(limits: Limits, scores: Numbers) -> Whole:
    """How hot cells of a calendar are, 0 to 4: quarters of the red score, 4 from there.

    All are 0 where no score is kept.
    """
    if not limits.red:
        return np.zeros(len(scores), dtype=np.int64)
    return np.clip((4 * scores / limits.red).astype(np.int64), 0, 4)
