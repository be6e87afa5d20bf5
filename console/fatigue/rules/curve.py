"""The score over time: it jumps at openings and decays after closings."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from console.fatigue.rules.book import NANO, Book, Numbers, Whole
from console.fatigue.rules.score import DAY, EPSILON, Number, Sale, micro

RANGE = 900
"""Halvings a sum of powers of two may span before a float overflows at 1,023."""


def score(sales: Iterable[Sale], at: datetime, half_life_days: Number = 21) -> float:
    """The score of a scope at an instant.

    A sale counts in full from its opening to its close, then halves every half-life.
    One that has not opened yet does not count.
    """
    return Curve(Book.of(sales), half_life_days).at(micro(at))


class Curve:
    """Answers for any instant after summing the loads once."""

    def __init__(self, book: Book, half_life_days: Number) -> None:
        """Sum the loads as they open, as they close, and as they decay."""
        self.half_life = float(half_life_days) * DAY
        self.opens = book.opens
        self._opened = np.concatenate([[0], np.cumsum(book.loads)])
        order = np.argsort(book.closes, kind="stable")
        self.closes, loads = book.closes[order], book.loads[order]
        self._closed = np.concatenate([[0], np.cumsum(loads)])
        self._decayed = self._decays(loads)
        self._one = _Scalars(self)

    def _decays(self, loads: Whole) -> Numbers:
        """At each close, what the closed sales still weigh; 0 before the first."""
        decayed = np.zeros(len(loads) + 1)
        start = 0
        while start < len(loads):
            age = (self.closes[start:] - self.closes[start]) / self.half_life
            end = start + int(np.searchsorted(age, RANGE, side="right"))
            grown = np.exp2(age[: end - start])
            carried = decayed[start] * self._fade(start)
            sums = np.cumsum(loads[start:end] * NANO * grown)
            decayed[start + 1 : end + 1] = (sums + carried) / grown
            start = end
        return decayed

    def _fade(self, closed: int) -> float:
        """What the decay from the close before to this one leaves of a point."""
        if not closed:
            return 0.0
        passed = self.closes[closed] - self.closes[closed - 1]
        return float(np.exp2(-passed / self.half_life))

    def at(self, at: int) -> float:
        """The score at an instant."""
        return self._one.at(at)

    def scores(self, at: Whole) -> Numbers:
        """The score at each of these instants."""
        opened = np.searchsorted(self.opens, at, side="right")
        closed = np.searchsorted(self.closes, at, side="right")
        running = (self._opened[opened] - self._closed[closed]) * NANO
        if not len(self.closes):
            return np.zeros(len(at))
        last = self.closes[np.maximum(closed - 1, 0)]
        fade = np.exp2(-np.maximum(at - last, 0) / self.half_life)
        scores: Numbers = running + self._decayed[closed] * fade
        return scores

    def peaks(self, start: int) -> tuple[Whole, Numbers]:
        """Each opening from `start` on, once, and the score it brings about."""
        first = int(np.searchsorted(self.opens, start))
        at = np.unique(self.opens[first:])
        return at, self.scores(at)

    def clear(self, at: int, limit: float) -> int | None:
        """The first instant from `at` on when the score is no higher than `limit`.

        None if it never is. Between two events the score only decays, so the instant
        has a closed form: half-life * log2(decayed / room).
        """
        one = self._one
        while one.at(at) > limit + EPSILON:
            event, crossing = one.event(at), one.crossing(at, limit)
            if crossing is not None and (event is None or crossing < event):
                return max(at, crossing)
            if event is None:
                return None
            at = event
        return at


class _Scalars:
    """The same sums as lists: for one instant a bisection beats an array ten times."""

    def __init__(self, curve: Curve) -> None:
        self._half_life = curve.half_life
        self._opens, self._closes = curve.opens.tolist(), curve.closes.tolist()
        self._opened, self._closed = curve._opened.tolist(), curve._closed.tolist()
        self._decayed: list[float] = curve._decayed.tolist()

    def at(self, at: int) -> float:
        opened, closed = self._places(at)
        running = float(self._opened[opened] - self._closed[closed]) * NANO
        if not closed:
            return running
        fade = math.exp2(float(self._closes[closed - 1] - at) / self._half_life)
        return running + self._decayed[closed] * fade

    def _places(self, at: int) -> tuple[int, int]:
        return bisect_right(self._opens, at), bisect_right(self._closes, at)

    def event(self, at: int) -> int | None:
        """The next opening or close after an instant."""
        opened, closed = self._places(at)
        ahead = [
            *self._opens[opened : opened + 1],
            *self._closes[closed : closed + 1],
        ]
        return min(ahead, default=None)

    def crossing(self, at: int, limit: float) -> int | None:
        """When the decay alone would bring the score down to the limit."""
        opened, closed = self._places(at)
        room = limit - float(self._opened[opened] - self._closed[closed]) * NANO
        if room <= 0 or not closed:
            return None
        halvings = math.log2(self._decayed[closed] / (room + EPSILON / 2))
        return int(self._closes[closed - 1]) + math.ceil(self._half_life * halvings)
