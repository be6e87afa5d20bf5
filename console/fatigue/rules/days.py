"""Days as a cap counts them: dates on a wall clock, or spans of 24 hours."""

from __future__ import annotations

import math
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from console.fatigue.rules.book import Whole
from console.fatigue.rules.limits import Counts
from console.fatigue.rules.score import DAY, SECOND, micro

YEARS = range(1971, 2399)
"""Those a calendar shows, with years to spare on either side."""
STRETCH = 512
"""Days that are looked up at once."""


class Days:
    """A way to count days.

    A position is what the cap compares: a date's ordinal, or the microsecond itself.
    """

    def __init__(self, counts: Counts, zone: str) -> None:
        """Look up the zone once."""
        self.calendar = counts is Counts.CALENDAR
        self.zone = ZoneInfo(zone)
        self.unit = 1 if self.calendar else DAY
        self.words = (
            f"calendar days in {zone}" if self.calendar else "rolling days of 24 h"
        )

    def position(self, at: int) -> int:
        """Where an instant stands."""
        if not self.calendar:
            return at
        return datetime.fromtimestamp(at // SECOND, self.zone).toordinal()

    def positions(self, at: Whole) -> Whole:
        """Where many instants stand, by a table of the days between them."""
        if not self.calendar or not len(at):
            return at
        days = at // DAY
        low, high = int(days.min()) // STRETCH, int(days.max()) // STRETCH
        first, midnight = _table(self.zone, low, high)[days - low * STRETCH].T
        places: Whole = first + (at >= midnight)
        return places

    def ends(self, closes: Whole) -> Whole:
        """Where many closes stand; at midnight, on the day that ends there."""
        return self.positions(closes - 1) if self.calendar else closes

    def start(self, position: int) -> int:
        """The first instant at a position; midnight by the wall clock for a date."""
        if not self.calendar:
            return position
        return micro(datetime.fromordinal(position).replace(tzinfo=self.zone))

    def after(self, close: int, days: int) -> int:
        """When the rest after a close is over.

        A sale that closes at midnight counts for the day that ends there.
        """
        if not self.calendar:
            return close + days * DAY
        return self.start(self.position(close - 1) + days)

    def rest(self, close: int, opening: int) -> float:
        """Days from a close to an opening; below 0 where they overlap."""
        if not self.calendar:
            return (opening - close) / DAY
        return self.position(opening) - self.position(close - 1)


@lru_cache(maxsize=200)
def _table(zone: ZoneInfo, low: int, high: int) -> Whole:
    """Stretches of days, one after the other: columns as in `_stretch`."""
    return np.concatenate([_stretch(zone, n) for n in range(low, high + 1)])


@lru_cache(maxsize=1000)
def _stretch(zone: ZoneInfo, number: int) -> Whole:
    """For each day of UTC: the local date it begins in, and when the next begins."""
    days = range(number * STRETCH, (number + 1) * STRETCH)
    return np.array([_ends(zone, day) for day in days], dtype=np.int64)


def _ends(zone: ZoneInfo, day: int) -> tuple[int, int]:
    first = datetime.fromtimestamp(day * 86_400, zone).toordinal()
    return first, micro(datetime.fromordinal(first + 1).replace(tzinfo=zone))


def spell(days: float) -> str:
    """`23 d` or `6.9 d`: cut, never rounded up to a limit that is not reached."""
    return f"{math.floor(max(0.0, days) * 10 + 1e-9) / 10:g} d"
