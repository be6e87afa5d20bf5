"""The score over time: it jumps at openings and decays after closings."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from console.fatigue.rules.book import NANO, Book
from console.fatigue.rules.score import DAY, EPSILON, Number, Sale, micro


def score(sales: Iterable[Sale], at: datetime, half_life_days: Number = 21) -> float:
    """The score of an audience at an instant.

    A sale counts in full from its opening to its close, then halves every half-life.
    One that has not opened yet does not count.
    """
    return Curve(Book(sales), half_life_days).at(micro(at))


class Curve:
    """Answers for any instant after summing the loads once."""

    def __init__(self, book: Book, half_life_days: Number) -> None:
        """Sum the loads as they open, as they close, and as they decay."""
        self.half_life = float(half_life_days) * DAY
        self.opens = book.opens
        self._opened = list(accumulate(book.loads, initial=0))
        closing = sorted(zip(book.closes, book.loads, strict=True))
        self.closes = [at for at, _ in closing]
        self._closed = list(accumulate((load for _, load in closing), initial=0))
        self._decayed = self._decays(closing)

    def _decays(self, closing: list[tuple[int, int]]) -> list[float]:
        """At each close, what the closed sales still weigh."""
        total, last, decayed = 0.0, 0, [0.0]
        exp2, half_life = math.exp2, self.half_life
        for at, load in closing:
            total = total * exp2((last - at) / half_life) + load * NANO
            last = at
            decayed.append(total)
        return decayed

    def at(self, at: int) -> float:
        """The score at an instant."""
        opened, closed = bisect_right(self.opens, at), bisect_right(self.closes, at)
        return self._score(at, opened, closed)

    def _score(self, at: int, opened: int, closed: int) -> float:
        running = (self._opened[opened] - self._closed[closed]) * NANO
        if not closed:
            return running
        fade = math.exp2((self.closes[closed - 1] - at) / self.half_life)
        return running + self._decayed[closed] * fade

    def peaks(self, start: int) -> list[tuple[int, float]]:
        """Each opening from `start` on, with the score it brings about."""
        closed, closes, found = bisect_right(self.closes, start - 1), self.closes, []
        first, end = bisect_right(self.opens, start - 1), len(closes)
        for opened, at in enumerate(self.opens[first:], first + 1):
            if opened < end and self.opens[opened] == at:
                continue
            while closed < end and closes[closed] <= at:
                closed += 1
            found.append((at, self._score(at, opened, closed)))
        return found

    def clear(self, at: int, limit: float) -> int | None:
        """The first instant from `at` on when the score is no higher than `limit`.

        None if it never is. Between two events the score only decays, so the instant
        has a closed form: half-life * log2(decayed / room).
        """
        opened, closed = bisect_right(self.opens, at), bisect_right(self.closes, at)
        while self._score(at, opened, closed) > limit + EPSILON:
            event = self._event(opened, closed)
            crossing = self._crossing(opened, closed, limit)
            if crossing is not None and (event is None or crossing < event):
                return max(at, crossing)
            if event is None:
                return None
            at = event
            while opened < len(self.opens) and self.opens[opened] <= at:
                opened += 1
            while closed < len(self.closes) and self.closes[closed] <= at:
                closed += 1
        return at

    def _event(self, opened: int, closed: int) -> int | None:
        ahead = [*self.opens[opened : opened + 1], *self.closes[closed : closed + 1]]
        return min(ahead, default=None)

    def _crossing(self, opened: int, closed: int, limit: float) -> int | None:
        """When the decay alone would bring the score down to the limit."""
        room = limit - (self._opened[opened] - self._closed[closed]) * NANO
        if room <= 0 or not closed:
            return None
        halvings = math.log2(self._decayed[closed] / (room + EPSILON / 2))
        return self.closes[closed - 1] + math.ceil(self.half_life * halvings)
