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
        return self._one.clear(at, limit)


class _Scalars:
    """The same sums as lists: for one instant a bisection beats an array ten times."""

    def __init__(self, curve: Curve) -> None:
        self._half_life = curve.half_life
        self._opens: list[int] = curve.opens.tolist()
        self._closes: list[int] = curve.closes.tolist()
        self._opened, self._closed = curve._opened.tolist(), curve._closed.tolist()
        self._decayed: list[float] = curve._decayed.tolist()

    def at(self, at: int) -> float:
        opened, closed = self._places(at)
        return self._running(opened, closed) + self._faded(closed, at)

    def _places(self, at: int) -> tuple[int, int]:
        return bisect_right(self._opens, at), bisect_right(self._closes, at)

    def _running(self, opened: int, closed: int) -> float:
        return float(self._opened[opened] - self._closed[closed]) * NANO

    def _faded(self, closed: int, at: int) -> float:
        """What the closed sales still weigh at an instant."""
        if not closed:
            return 0.0
        halvings = float(self._closes[closed - 1] - at) / self._half_life
        return self._decayed[closed] * math.exp2(halvings)

    def clear(self, at: int, limit: float) -> int | None:
        """As of the curve: from event to event, until the decay crosses the limit.

        What is closed is compared with the room left for it: added to what runs, the
        last billionth of a point would be lost in the sum.
        """
        opened, closed = self._places(at)
        room = limit - self._running(opened, closed) + EPSILON
        while self._faded(closed, at) > room:
            event = self._event(opened, closed)
            crossing = self._crossing(closed, room)
            if crossing < event:
                return max(at, int(crossing))
            if event == math.inf:
                return None
            at = int(event)
            opened, closed = self._past(opened, closed, at)
            room = limit - self._running(opened, closed) + EPSILON
        return at

    def _event(self, opened: int, closed: int) -> float:
        """The next opening or close; infinite after the last."""
        opens, closes = self._opens, self._closes
        return min(
            opens[opened] if opened < len(opens) else math.inf,
            closes[closed] if closed < len(closes) else math.inf,
        )

    def _past(self, opened: int, closed: int, at: int) -> tuple[int, int]:
        """The places just after an event, from those before it."""
        while opened < len(self._opens) and self._opens[opened] <= at:
            opened += 1
        while closed < len(self._closes) and self._closes[closed] <= at:
            closed += 1
        return opened, closed

    def _crossing(self, closed: int, room: float) -> float:
        """When the decay alone leaves this much room; infinite if it never does."""
        if room <= 0 or not closed:
            return math.inf
        halvings = math.log2(self._decayed[closed] / room)
        return self._closes[closed - 1] + math.ceil(self._half_life * halvings)
