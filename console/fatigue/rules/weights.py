"""The rules on the score: of this sale, of sales after it, and of its depth."""

from __future__ import annotations

import math

import numpy as np

from console.fatigue.rules.book import NANO, Book, Numbers, Whole
from console.fatigue.rules.curve import Curve
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named
from console.fatigue.rules.score import EPSILON, Sale, load_of, micro

NOTICEABLE = 1.0
"""Points a sale may add to a later one that is over the limit all the same."""

CAUSES = 3
"""Sales a sentence names."""


class Score:
    """The score the sale would open with."""

    def __init__(self, limits: Limits, book: Book, curve: Curve, sale: Sale) -> None:
        """book, curve: of the other sales."""
        self._limits, self._book, self._curve = limits, book, curve
        self.load = load_of(sale)
        self._strained = sale.strained

    def at(self, at: int) -> float:
        """The score with the sale, as it opens."""
        return self._curve.at(at) + self.load

    def clear(self, at: int) -> int | None:
        """When the score has decayed enough to carry this sale's load."""
        return self._curve.clear(at, self._limits.red - self.load)

    def reason(self, at: int) -> Reason | None:
        """The score, and the sales that make most of it."""
        score, red, amber = self.at(at), self._limits.red, self._limits.amber
        tone, text = Tone.OK, f"Score, halves every {self._limits.half_life} days"
        if self.clear(at) != at:
            tone, text = Tone.BLOCK, f"Score {spell(score)} is above {red}"
        elif score > amber + EPSILON:
            tone, text = Tone.WARN, f"Score {spell(score)} is above {amber}"
        causes = self._causes(at) if tone is not Tone.OK else []
        codes = tuple(sale.code for sale in causes)
        text += f", mostly from {named(causes)}" if causes else ""
        text += f" ({self._strained})" if self._strained else ""
        return Reason(Rule.SCORE, tone, text, spell(score), str(red), codes)

    def _causes(self, at: int) -> list[Sale]:
        """The three sales that weigh most at this opening, of at least a point."""
        book = self._book
        ran = int(np.searchsorted(book.opens, at, side="right"))
        passed = np.maximum(at - book.closes[:ran], 0) / self._curve.half_life
        weights = book.loads[:ran] * NANO * np.exp2(-passed)
        heavy = np.argsort(-weights, kind="stable")[: 3 * CAUSES]
        told = zip(book.sales(heavy), weights[heavy], strict=True)
        found = [(float(w), sale.code, sale) for sale, w in told if w >= NOTICEABLE]
        found.sort(key=lambda one: one[:2], reverse=True)
        return [sale for _, _, sale in found[:CAUSES]]


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
        self._strained = sale.strained
        self._lows, self._highs = self._spans(*curve.peaks(since))
        self._least: Whole = np.minimum.accumulate(self._lows[::-1])[::-1]

    def _spans(self, at: Whole, peaks: Numbers) -> tuple[Whole, Whole]:
        """Openings, from (exclusive) the low to the high, that push a sale over."""
        room = np.maximum(self._red - peaks, NOTICEABLE)
        tight = self._load > room + EPSILON
        halvings = np.log2(self._load / (room[tight] + EPSILON / 2))
        wait = np.ceil(self._curve.half_life * halvings).astype(np.int64)
        return at[tight] - self._length - wait, at[tight]

    def clear(self, at: int) -> int | None:
        """Just past the last later sale that this opening would push over."""
        pushed = int(np.searchsorted(self._least, at))
        if not pushed or self._highs[pushed - 1] < at:
            return at
        return int(self._highs[pushed - 1]) + 1

    def reason(self, at: int) -> Reason | None:
        """Nothing, unless a later sale would be pushed over."""
        pushed = self._highs[(self._lows < at) & (at <= self._highs)]
        if not len(pushed):
            return None
        first = int(pushed[0])
        sale = self._book.first_at(first)
        gap = max(0, first - at - self._length)
        score = self._curve.at(first)
        score += self._load * math.exp2(-gap / self._curve.half_life)
        text = f"Would lift {named([sale])} to a score of {spell(score)}"
        text += f" ({self._strained})" if self._strained else ""
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
