"""The rules on the score: of this sale, of sales after it, and of its depth."""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import timedelta
from itertools import accumulate

from console.fatigue.rules.book import Book
from console.fatigue.rules.curve import Curve, score
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named
from console.fatigue.rules.score import EPSILON, Sale, instant, load_of, micro

NOTICEABLE = 1.0
"""Points a sale may add to a later one that is over the limit all the same."""

FADED = 9
"""Half-lives after which no sale weighs a point any more: none adds 512."""


class Score:
    """The score the sale would open with."""

    def __init__(self, limits: Limits, book: Book, curve: Curve, sale: Sale) -> None:
        """book, curve: of the other sales."""
        self._limits, self._sales, self._curve = limits, book.sales, curve
        self.load = load_of(sale)

    def at(self, at: int) -> float:
        """The score with the sale, as it opens."""
        return self._curve.at(at) + self.load

    def clear(self, at: int) -> int | None:
        """When the score has decayed enough to carry this sale's load."""
        return self._curve.clear(at, self._limits.red - self.load)

    def reason(self, at: int) -> Reason | None:
        """The score, and the sales that make most of it."""
        score, red, amber = self.at(at), self._limits.red, self._limits.amber
        causes = self._causes(at)
        codes = tuple(sale.code for sale in causes)
        tone, text = Tone.OK, f"Score, halves every {self._limits.half_life} days"
        if self.clear(at) != at:
            tone, text = Tone.BLOCK, f"Score {spell(score)} is above {red}"
        elif score > amber + EPSILON:
            tone, text = Tone.WARN, f"Score {spell(score)} is above {amber}"
        if causes and tone is not Tone.OK:
            text += f", mostly from {named(causes)}"
        return Reason(Rule.SCORE, tone, text, spell(score), str(red), codes)

    def _causes(self, at: int) -> list[Sale]:
        """The three sales that weigh most at this opening, of at least a point."""
        when, half_life = instant(at), self._limits.half_life_days
        since = when - FADED * timedelta(days=float(half_life))
        ran = (s for s in self._sales if s.opens_at <= when and s.closes_at > since)
        weights = ((score([sale], when, half_life), sale.code, sale) for sale in ran)
        heavy = sorted((w for w in weights if w[0] >= NOTICEABLE), reverse=True)
        return [sale for _, _, sale in heavy[:3]]


class Later:
    """Sales already planned after this one must still fit when they open.

    A later sale that is over the limit without this one keeps its own verdict; this
    sale may add a point to it at most.
    """

    def __init__(
        self, limits: Limits, book: Book, curve: Curve, sale: Sale, since: int
    ) -> None:
        """since: the earliest opening that will be asked about."""
        self._red, self._book, self._curve = limits.red, book, curve
        self._length = micro(sale.closes_at) - micro(sale.opens_at)
        self._load = load_of(sale)
        spans = [self._span(at, peak) for at, peak in curve.peaks(since)]
        self._spans = [span for span in spans if span]
        lows = list(accumulate((low for low, _ in reversed(self._spans)), min))
        self._lows = lows[::-1]

    def _span(self, at: int, peak: float) -> tuple[int, int] | None:
        """Openings, from the first (exclusive) to `at`, that would push it over."""
        room = max(self._red - peak, NOTICEABLE)
        if self._load <= room + EPSILON:
            return None
        halvings = math.log2(self._load / (room + EPSILON / 2))
        wait = math.ceil(self._curve.half_life * halvings)
        return at - self._length - wait, at

    def clear(self, at: int) -> int | None:
        """Just past the last later sale that this opening would push over."""
        pushed = bisect_left(self._lows, at)
        if not pushed or self._spans[pushed - 1][1] < at:
            return at
        return self._spans[pushed - 1][1] + 1

    def reason(self, at: int) -> Reason | None:
        """Nothing, unless a later sale would be pushed over."""
        pushed = [high for low, high in self._spans if low < at <= high]
        if not pushed:
            return None
        sale = self._book.first_at(pushed[0])
        gap = max(0, pushed[0] - at - self._length)
        score = self._curve.at(pushed[0])
        score += self._load * math.exp2(-gap / self._curve.half_life)
        text = f"Would lift {named([sale])} to a score of {spell(score)}"
        return Reason(
            Rule.LATER_SALE,
            Tone.BLOCK,
            text,
            spell(score),
            str(self._red),
            (sale.code,),
        )


class Depth:
    """The smallest discount worth a sale; no date changes it."""

    def __init__(self, limits: Limits, sale: Sale) -> None:
        """The depth is a fact of the sale."""
        self._need = limits.min_depth_percent
        self._percent = float(sale.depth) * 100

    def clear(self, at: int) -> int | None:
        """This opening, or none at all."""
        return at if self._percent + EPSILON >= self._need else None

    def reason(self, at: int) -> Reason | None:
        """The discount against the smallest one."""
        if not self._need:
            return None
        ok = self.clear(at) is not None
        value = f"{math.floor(self._percent + EPSILON)}%"
        text = "Discount" if ok else f"A discount of {value} is not worth a sale"
        tone = Tone.OK if ok else Tone.BLOCK
        return Reason(Rule.MIN_DEPTH, tone, text, value, f"{self._need}%")


def points(score: float) -> int:
    """A score as people read it; cut upwards so that 100.2 never reads as 100."""
    return math.ceil(score - EPSILON * 10)


def spell(score: float) -> str:
    """The points as text."""
    return str(points(score))
