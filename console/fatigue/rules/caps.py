"""The hard caps: rest between sales, and sales in a window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, count

from console.fatigue.rules.book import Book
from console.fatigue.rules.days import Days, spell
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named
from console.fatigue.rules.score import DAY, Sale


class Gap:
    """Rest from the close of one sale to the opening of the next, both ways.

    A sale of the same audience that has already been planned counts like one that ran.
    """

    def __init__(self, limits: Limits, book: Book, length: int) -> None:
        """length: of the sale to judge, in microseconds."""
        self._need = limits.min_gap_days
        self._days = Days(limits.gap_counts, limits.zone)
        self._length = length
        self._sales, self._opens = book.sales, book.opens
        self._latest = list(accumulate(zip(book.closes, count(), strict=False), max))

    def clear(self, at: int) -> int | None:
        """The end of the rest after the last sale that is too near, if one is."""
        if not self._need:
            return at
        reach = self._days.after(at + self._length, self._need)
        near = bisect_left(self._opens, reach)
        if not near:
            return at
        return max(at, self._days.after(self._latest[near - 1][0], self._need))

    def reason(self, at: int) -> Reason | None:
        """Rest since the last sale, or until the next one where that is shorter."""
        if not self._need:
            return None
        sides = self._sides(at)
        limit = spell(self._need)
        if not sides:
            text = "No other sale to rest from"
            return Reason(Rule.MIN_GAP, Tone.OK, text, "–", limit, (), self._days.words)
        rest, side, sale = self._telling(sides)
        value, words = spell(rest), self._days.words
        if self.clear(at) == at:
            text = f"Rest {side} the {'last' if side == 'since' else 'next'} sale"
            return Reason(
                Rule.MIN_GAP, Tone.OK, text, value, limit, (sale.code,), words
            )
        side = "after" if side == "since" else "before"
        text = f"{value} {side} {named([sale])}; rest is {limit}, {words}"
        return Reason(Rule.MIN_GAP, Tone.BLOCK, text, value, limit, (sale.code,), words)

    def _telling(self, sides: list[tuple[float, str, Sale]]) -> tuple[float, str, Sale]:
        """The side that breaks the rule, else the last sale."""
        shortest = min(sides, key=lambda side: side[0])
        return shortest if shortest[0] < self._need else sides[0]

    def _sides(self, at: int) -> list[tuple[float, str, Sale]]:
        before = bisect_right(self._opens, at)
        sides = []
        if before:
            close, i = self._latest[before - 1]
            sides.append((self._days.rest(close, at), "since", self._sales[i]))
        if before < len(self._opens):
            rest = self._days.rest(at + self._length, self._opens[before])
            sides.append((rest, "until", self._sales[before]))
        return sides


class Window:
    """Openings in any window of so many days, past and planned together."""

    def __init__(self, limits: Limits, book: Book, since: int) -> None:
        """since: the earliest opening that will be asked about."""
        self._most, self._window = limits.max_sales, limits.window_days
        self._days = Days(limits.window_counts, limits.zone)
        self._span = self._window * self._days.unit
        skip = bisect_left(book.opens, since - (self._window + 2) * DAY)
        self._sales = book.sales[skip:]
        self._places = [self._days.position(at) for at in book.opens[skip:]]
        self._full = self._groups()

    def _groups(self) -> list[tuple[int, int]]:
        """Where one more would be too many: exclusive ends, both in order.

        As many sales as are allowed, within one window, leave no room from a window
        before the last of them to a window after the first.
        """
        if not self._most:
            return []
        pairs = zip(self._places, self._places[self._most - 1 :], strict=False)
        span = self._span
        return [(last - span, one + span) for one, last in pairs if last - one < span]

    def clear(self, at: int) -> int | None:
        """The end of the full stretch that covers this opening, if one does."""
        place = self._days.position(at)
        k = bisect_right(self._full, place, key=lambda group: group[1])
        if k == len(self._full) or self._full[k][0] >= place:
            return at
        return max(at, self._days.start(self._full[k][1]))

    def reason(self, at: int) -> Reason | None:
        """How many sales the fullest window around this opening would hold."""
        if not self._most:
            return None
        others = self._fullest(self._days.position(at))
        count, words = len(others) + 1, self._days.words
        codes = tuple(sale.code for sale in others)
        text = f"Sales in {self._window} days"
        tone = Tone.OK if self.clear(at) == at else Tone.BLOCK
        if tone is Tone.BLOCK:
            text = f"{count} sales in {self._window} days ({words}), with "
            text += named(others[-3:]) + (" and others" if len(others) > 3 else "")
        return Reason(
            Rule.MAX_SALES, tone, text, str(count), str(self._most), codes, words
        )

    def _fullest(self, place: int) -> Sequence[Sale]:
        low = bisect_right(self._places, place - self._span)
        here = bisect_right(self._places, place)
        best: Sequence[Sale] = ()
        for first in [*self._places[low:here], place]:
            start = bisect_left(self._places, first)
            end = bisect_left(self._places, first + self._span)
            best = max(best, self._sales[start:end], key=len)
        return best
