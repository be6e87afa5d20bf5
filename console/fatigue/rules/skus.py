"""The sales of many SKUs at once: which of them a plan would sell too often.

A cap for each SKU is a cap on its worst SKU: an opening passes if it passes for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from console.fatigue.rules.book import Book, Whole
from console.fatigue.rules.days import Days
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named

NAMED = 3
"""SKUs a sentence names."""


@dataclass(frozen=True)
class Incidence:
    """Which SKUs of a plan were or will be in which other sales.

    book: the other sales that share a SKU. sku, sale: one pair an entry, SKUs as 0 to
    count - 1 and sales as places in the book; in order of SKU, then of sale.
    """

    book: Book
    sku: Whole
    sale: Whole
    count: int
    codes: Callable[[Sequence[int]], Sequence[str]]
    """From SKU numbers to their codes; asked only for what is named."""

    @classmethod
    def whole(cls, book: Book) -> Incidence:
        """A scope as if it were one SKU."""
        places = np.arange(len(book), dtype=np.int64)
        return cls(book, np.zeros_like(places), places, 1, lambda _: [""])

    def before(self, at: datetime) -> Incidence:
        """Only the sales that open before an instant."""
        book = self.book.before(at)
        kept = self.sale < len(book)
        return replace(self, book=book, sku=self.sku[kept], sale=self.sale[kept])

    def only(self, kept: NDArray[np.bool_]) -> Incidence:
        """Of some SKUs alone; kept: one flag for each."""
        places = np.flatnonzero(kept)
        numbers = np.cumsum(kept) - 1
        inside = kept[self.sku]
        return Incidence(
            self.book,
            numbers[self.sku[inside]],
            self.sale[inside],
            len(places),
            lambda skus: self.codes([int(places[sku]) for sku in skus]),
        )

    def said(self, skus: Whole) -> str:
        """`12 SKUs (A, B, C and others)`; nothing for a scope as a whole."""
        first = self.codes([int(sku) for sku in skus[:NAMED]])
        if first == [""]:
            return ""
        more = " and others" if len(skus) > NAMED else ""
        word = "SKU" if len(skus) == 1 else "SKUs"
        return f"{len(skus):,} {word} ({', '.join(first)}{more})"


class SkuWindow:
    """Openings of each SKU's sales in any window of so many days."""

    def __init__(self, limits: Limits, skus: Incidence) -> None:
        """Find, for each SKU, where one more sale would be too many."""
        self._most, self._window = limits.max_sales, limits.window_days
        self._days = Days(limits.window_counts, limits.zone)
        self._span = self._window * self._days.unit
        self._skus = skus
        self._places = self._days.positions(skus.book.opens)[skus.sale]
        lows, highs, _, _ = self._full(self._most)
        self._lows, self._highs = merged(lows, highs)

    def _full(self, most: int) -> tuple[Whole, Whole, Whole, Whole]:
        """Exclusive ends of the stretches that hold so many, whose, and from where."""
        places, sku = self._places, self._skus.sku
        end = max(0, len(places) - most + 1) if most else 0
        first, last = places[:end], places[most - 1 :] if most else places[:0]
        same = sku[:end] == sku[most - 1 :] if most else sku[:0] == sku[:0]
        crowded = same & (last - first < self._span)
        return (
            last[crowded] - self._span,
            first[crowded] + self._span,
            sku[:end][crowded],
            np.flatnonzero(crowded),
        )

    def clear(self, at: int) -> int | None:
        """The end of the full stretch that covers this opening, if one does."""
        place = self._days.position(at)
        k = int(np.searchsorted(self._highs, place, side="right"))
        if k == len(self._highs) or self._lows[k] >= place:
            return at
        return max(at, self._days.start(int(self._highs[k])))

    def reason(self, at: int) -> Reason | None:
        """How many sales the fullest window of the fullest SKU would hold."""
        if not self._most:
            return None
        place = self._days.position(at)
        if self.clear(at) != at:
            return self._broken(place)
        counts = (n for n in range(self._most - 1, 0, -1) if self._holds(n, place))
        value = next(counts, 0) + 1
        text = f"Sales of each SKU in {self._window} days"
        return Reason(
            Rule.MAX_SALES,
            Tone.OK,
            text,
            str(value),
            str(self._most),
            (),
            self._days.words,
        )

    def _holds(self, most: int, place: int) -> bool:
        lows, highs, _, _ = self._full(most)
        return bool(np.any((lows < place) & (place < highs)))

    def _broken(self, place: int) -> Reason:
        lows, highs, whose, starts = self._full(self._most)
        full = (lows < place) & (place < highs)
        skus = np.unique(whose[full])
        start = int(starts[full][0])
        places = self._skus.sale[start : start + self._most]
        last, codes = self._skus.book.sales(places[-3:]), self._skus.book.codes(places)
        count = str(self._most + 1)
        text = f"{self._skus.said(skus)} would have {count} sales in "
        text += f"{self._window} days ({self._days.words}; at most {self._most}), "
        text += f"with {named(last)}"
        return Reason(
            Rule.MAX_SALES,
            Tone.BLOCK,
            text,
            count,
            str(self._most),
            codes,
            self._days.words,
        )


def merged(lows: Whole, highs: Whole) -> tuple[Whole, Whole]:
    """Open stretches as few, in order; two that only touch leave the point free."""
    if not len(lows):
        return lows, highs
    order = np.argsort(lows, kind="stable")
    lows, highs = lows[order], np.maximum.accumulate(highs[order])
    begins = np.concatenate([[True], lows[1:] >= highs[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    return lows[begins], highs[ends]
