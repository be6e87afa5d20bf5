"""How many dates of a period a scope, or any of many SKUs, is on sale."""

from __future__ import annotations

import numpy as np

from console.fatigue.rules.book import Whole
from console.fatigue.rules.days import Days
from console.fatigue.rules.limits import Counts, Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.score import DAY, HOUR
from console.fatigue.rules.skus import Incidence


class Share:
    """Dates on sale among any so many dates; the dates of each sale are added up."""

    def __init__(self, limits: Limits, skus: Incidence, length: int) -> None:
        """length: of the sale to judge, in microseconds."""
        self._window = limits.share_days
        self._percent = limits.max_share_percent
        self._most = limits.max_share_percent * limits.share_days // 100
        self._days = Days(Counts.CALENDAR, limits.zone)
        self._length, self._skus = length, skus
        self._least = max(1, -(-(length - HOUR) // DAY))
        empty: Whole = np.zeros(0, dtype=np.int64)
        self._base, self._fullest = self._windows() if self._percent else (0, empty)

    def _windows(self) -> tuple[int, Whole]:
        """The fullest SKU's dates in the window from each date on, from a first date.

        Only SKUs that could pass the cap at all are looked at.
        """
        opens, closes = self._skus.book.opens, self._skus.book.closes
        firsts = self._days.positions(opens)
        lengths = self._days.positions(closes - 1) - firsts + 1
        sku, dates = self._skus.sku, lengths[self._skus.sale]
        totals = np.bincount(sku, dates, self._skus.count)
        close = totals + self._least + 1 > self._most
        kept = close[sku]
        if not kept.any():
            return 0, np.zeros(0, dtype=np.int64)
        rows = (np.cumsum(close) - 1)[sku[kept]]
        first, dates = firsts[self._skus.sale[kept]], dates[kept]
        base = int(first.min()) - self._window
        last = int((first + dates).max()) + self._window
        marks = np.zeros((int(close.sum()), last - base + 1), dtype=np.int32)
        np.add.at(marks, (rows, first - base), 1)
        np.add.at(marks, (rows, first + dates - base), -1)
        sums = np.cumsum(np.cumsum(marks, axis=1), axis=1)
        window = sums[:, self._window :] - sums[:, : -self._window]
        fullest: Whole = window.max(axis=0).astype(np.int64)
        return base + 1, fullest

    def _others(self, start: int) -> int:
        """Dates of the fullest SKU in the window from this date on."""
        place = start - self._base
        return int(self._fullest[place]) if 0 <= place < len(self._fullest) else 0

    def _count(self, first: int, dates: int) -> int:
        """Dates in the fullest window that holds any of ours, ours included."""
        starts = range(first - self._window + 1, first + dates)
        return max(
            self._others(start)
            + min(start + self._window, first + dates)
            - max(start, first)
            for start in starts
        )

    def clear(self, at: int) -> int | None:
        """The first later midnight that might pass.

        A sale touches the fewest dates when it opens at midnight, on the longest day of
        the year; a date on which not even that passes is refused at any time of day.
        """
        if not self._percent:
            return at
        if self._least > self._most:
            return None
        date = self._days.position(at)
        if self._count(date, self._touched(at)) <= self._most:
            return at
        date += 1
        while self._count(date, self._least) > self._most:
            date += 1
        return self._days.start(date)

    def _touched(self, at: int) -> int:
        position = self._days.position
        return position(at + max(0, self._length - 1)) - position(at) + 1

    def reason(self, at: int) -> Reason | None:
        """Dates on sale of the fullest SKU, against the cap."""
        if not self._percent:
            return None
        count = self._count(self._days.position(at), self._touched(at))
        text, tone = f"Dates on sale in {self._window} days", Tone.OK
        if count > self._most:
            tone = Tone.BLOCK
            text = f"On sale on {count} of {self._window} dates, more than "
            text += f"{self._percent}% ({self._days.words})"
        return Reason(
            Rule.MAX_SHARE,
            tone,
            text,
            str(count),
            str(self._most),
            (),
            self._days.words,
        )
