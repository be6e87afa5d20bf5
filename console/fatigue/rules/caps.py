"""The hard caps: rest between sales, and sales in a window."""

from __future__ import annotations

import numpy as np

from console.fatigue.rules.book import Book, Whole
from console.fatigue.rules.days import Days, spell
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named
from console.fatigue.rules.score import DAY


class Gap:
    """Rest from the close of one sale to the opening of the next, both ways.

    A sale of the same scope that has already been planned counts like one that ran.
    """

    def __init__(self, limits: Limits, book: Book, length: int) -> None:
        """length: of the sale to judge, in microseconds."""
        self._need = limits.min_gap_days
        self._days = Days(limits.gap_counts, limits.zone)
        self._length, self._book = length, book
        self._latest = np.maximum.accumulate(book.closes)
        places = np.where(book.closes == self._latest, np.arange(len(book)), 0)
        self._whose = np.maximum.accumulate(places)

    def clear(self, at: int) -> int | None:
        """The end of the rest after the last sale that is too near, if one is."""
        if not self._need:
            return at
        reach = self._days.after(at + self._length, self._need)
        near = int(np.searchsorted(self._book.opens, reach))
        if not near:
            return at
        return max(at, self._days.after(int(self._latest[near - 1]), self._need))

    def reason(self, at: int) -> Reason | None:
        """Rest since the last sale, or until the next one where that is shorter."""
        if not self._need:
            return None
        sides = self._sides(at)
        limit, words = spell(self._need), self._days.words
        if not sides:
            text = "No other sale to rest from"
            return Reason(Rule.MIN_GAP, Tone.OK, text, "–", limit, (), words)
        rest, side, place = self._telling(sides)
        value = spell(rest)
        if self.clear(at) == at:
            text = f"Rest {side} the {'last' if side == 'since' else 'next'} sale"
            return Reason(Rule.MIN_GAP, Tone.OK, text, value, limit, (), words)
        sale = self._book.sales([place])[0]
        side = "after" if side == "since" else "before"
        text = f"{value} {side} {named([sale])}; rest is {limit}, {words}"
        return Reason(Rule.MIN_GAP, Tone.BLOCK, text, value, limit, (sale.code,), words)

    def _telling(self, sides: list[tuple[float, str, int]]) -> tuple[float, str, int]:
        """The side that breaks the rule, else the last sale."""
        shortest = min(sides, key=lambda side: side[0])
        return shortest if shortest[0] < self._need else sides[0]

    def _sides(self, at: int) -> list[tuple[float, str, int]]:
        before = int(np.searchsorted(self._book.opens, at, side="right"))
        sides = []
        if before:
            close = int(self._latest[before - 1])
            whose = int(self._whose[before - 1])
            sides.append((self._days.rest(close, at), "since", whose))
        if before < len(self._book):
            opens = int(self._book.opens[before])
            rest = self._days.rest(at + self._length, opens)
            sides.append((rest, "until", before))
        return sides


class Window:
    """Openings in any window of so many days, past and planned together."""

    def __init__(self, limits: Limits, book: Book, since: int) -> None:
        """since: the earliest opening that will be asked about."""
        self._most, self._window = limits.max_sales, limits.window_days
        self._days = Days(limits.window_counts, limits.zone)
        self._span = self._window * self._days.unit
        self._book = book
        self._skip = int(np.searchsorted(book.opens, since - (self._window + 2) * DAY))
        self._places = self._days.positions(book.opens[self._skip :])
        self._lows, self._highs = self._full()

    def _full(self) -> tuple[Whole, Whole]:
        """Where one more would be too many: exclusive ends, both in order.

        As many sales as are allowed, within one window, leave no room from a window
        before the last of them to a window after the first.
        """
        first = self._places[: max(0, len(self._places) - self._most + 1)]
        last = self._places[self._most - 1 :] if self._most else first
        crowded = last - first < self._span
        return last[crowded] - self._span, first[crowded] + self._span

    def clear(self, at: int) -> int | None:
        """The end of the full stretch that covers this opening, if one does."""
        if not self._most:
            return at
        place = self._days.position(at)
        k = int(np.searchsorted(self._highs, place, side="right"))
        if k == len(self._highs) or self._lows[k] >= place:
            return at
        return max(at, self._days.start(int(self._highs[k])))

    def reason(self, at: int) -> Reason | None:
        """How many sales the fullest window around this opening would hold."""
        if not self._most:
            return None
        start, end = self._fullest(self._days.position(at))
        count, words = end - start + 1, self._days.words
        most = str(self._most)
        if self.clear(at) == at:
            text = f"Sales in {self._window} days"
            return Reason(Rule.MAX_SALES, Tone.OK, text, str(count), most, (), words)
        places = range(self._skip + start, self._skip + end)
        codes, last = self._book.codes(places), self._book.sales(places[-3:])
        text = f"{count} sales in {self._window} days ({words}; at most {most}), with "
        text += named(last) + (" and others" if len(places) > 3 else "")
        return Reason(Rule.MAX_SALES, Tone.BLOCK, text, str(count), most, codes, words)

    def _fullest(self, place: int) -> tuple[int, int]:
        """From where to where the sales of the fullest window are."""
        places = self._places
        low = int(np.searchsorted(places, place - self._span, side="right"))
        here = int(np.searchsorted(places, place, side="right"))
        firsts = np.append(places[low:here], place)
        starts = np.searchsorted(places, firsts)
        ends = np.searchsorted(places, firsts + self._span)
        best = int(np.argmax(ends - starts))
        return int(starts[best]), int(ends[best])
