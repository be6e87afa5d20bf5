"""How tired an audience is: each sale adds a load, and loads decay.

Source: design paper FORMULAS section 1. Instants inside are whole microseconds since
1970, loads are whole billionths of a point: sums of them are exact and do not depend on
the order of the sales.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2400, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
HOUR = 3_600_000_000
DAY = 24 * HOUR
EPSILON = 1e-9
_NANO = 1e-9

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale as an audience meets it, from opens_at up to, not including, closes_at.

    depth: the discount, 0 to 1. reach: the share of the audience touched, 0 to 1.
    """

    code: str
    name: str
    opens_at: datetime
    closes_at: datetime
    depth: Number
    reach: Number = 1


def micro(at: datetime) -> int:
    """An aware instant as whole microseconds."""
    return (at - EPOCH) // TICK


def instant(at: int) -> datetime:
    """Whole microseconds as an instant in UTC."""
    return EPOCH + timedelta(microseconds=at)


def load(depth: Number, hours: float, reach: Number = 1) -> float:
    """The points a sale adds: 40 for 30% off during 24 hours to everybody.

    Length counts by its square root, and at most double.
    """
    stretch = min(2.0, math.sqrt(max(0.0, hours) / 24))
    return 40 * (float(depth) / 0.30) * stretch * float(reach)


def load_of(sale: Sale) -> float:
    """The points of this sale."""
    hours = (sale.closes_at - sale.opens_at) / timedelta(hours=1)
    return load(sale.depth, hours, sale.reach)


def score(sales: Iterable[Sale], at: datetime, half_life_days: Number = 21) -> float:
    """The score of an audience at an instant.

    A sale counts in full from its opening to its close, then halves every half-life.
    One that has not opened yet does not count.
    """
    return Curve(sales, half_life_days).at(micro(at))


class Curve:
    """The score over time: it jumps at openings and decays after closings."""

    def __init__(self, sales: Iterable[Sale], half_life_days: Number) -> None:
        """Sort once, sum once; every later question is a search."""
        rows = [
            (micro(s.opens_at), micro(s.closes_at), round(load_of(s) / _NANO))
            for s in sales
        ]
        self.half_life = float(half_life_days) * DAY
        self.opens, self._opened = _sums((row[0], row[2]) for row in rows)
        self.closes, self._closed = _sums((row[1], row[2]) for row in rows)
        self._decayed = self._decays()

    def _decays(self) -> list[float]:
        """At each close, what the closed sales still weigh."""
        total, last, decayed = 0.0, 0, [0.0]
        for k, at in enumerate(self.closes):
            weight = (self._closed[k + 1] - self._closed[k]) * _NANO
            total = total * self._fade(at - last) + weight
            last = at
            decayed.append(total)
        return decayed

    def _fade(self, span: int) -> float:
        return math.exp2(-span / self.half_life)

    def at(self, at: int) -> float:
        """The score at an instant."""
        return self._score(
            at, bisect_right(self.opens, at), bisect_right(self.closes, at)
        )

    def _score(self, at: int, opened: int, closed: int) -> float:
        running = (self._opened[opened] - self._closed[closed]) * _NANO
        if not closed:
            return running
        fade = self._fade(at - self.closes[closed - 1])
        return running + self._decayed[closed] * fade

    def peaks(self, start: int) -> list[tuple[int, float]]:
        """Each opening from `start` on, with the score it brings about."""
        first = bisect_right(self.opens, start - 1)
        closed = bisect_right(self.closes, start - 1)
        found, ends = [], len(self.closes)
        for i in range(first, len(self.opens)):
            at = self.opens[i]
            if i + 1 < len(self.opens) and self.opens[i + 1] == at:
                continue
            while closed < ends and self.closes[closed] <= at:
                closed += 1
            found.append((at, self._score(at, i + 1, closed)))
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
        running = (self._opened[opened] - self._closed[closed]) * _NANO
        room = limit - running
        if room <= 0 or not closed:
            return None
        halvings = math.log2(self._decayed[closed] / room)
        return self.closes[closed - 1] + math.ceil(self.half_life * halvings)


def _sums(rows: Iterable[tuple[int, int]]) -> tuple[list[int], Sequence[int]]:
    ordered = sorted(rows)
    instants = [at for at, _ in ordered]
    return instants, list(accumulate((weight for _, weight in ordered), initial=0))
