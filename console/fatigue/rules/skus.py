"""The sales of many SKUs at once: which of them a plan would sell too often.

A cap for each SKU is a cap on its worst SKU: an opening passes if it passes for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from console.fatigue.rules.book import NANO, Book, Numbers, Whole
from console.fatigue.rules.days import Days
from console.fatigue.rules.limits import Counts, Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone, named
from console.fatigue.rules.score import DAY, EPSILON, HOUR, Sale, load_of, micro

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
        text += f"{self._window} days ({self._days.words}), with {named(last)}"
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


class SkuScore:
    """The score each SKU would open with, and each of its later sales too."""

    def __init__(self, limits: Limits, skus: Incidence, sale: Sale, since: int) -> None:
        """since: the earliest opening that will be asked about."""
        self._limits, self._skus = limits, skus
        self._half_life = float(limits.half_life_days) * DAY
        self._load = load_of(sale)
        self._length = micro(sale.closes_at) - micro(sale.opens_at)
        self._opens = skus.book.opens[skus.sale]
        self._closes = skus.book.closes[skus.sale]
        self._loads = skus.book.loads[skus.sale] * NANO
        self._lows, self._highs = merged(*self._pushed(since))

    def _parts(self, at: int) -> tuple[Numbers, Numbers]:
        """What each SKU's running sales weigh, and what its past ones still do."""
        sku, count = self._skus.sku, self._skus.count
        running = (self._opens <= at) & (at < self._closes)
        past = self._closes <= at
        fade = np.exp2(-(at - self._closes[past]) / self._half_life)
        now = np.bincount(sku[running], self._loads[running], count)
        left = np.bincount(sku[past], self._loads[past] * fade, count)
        return now.astype(np.float64), left.astype(np.float64)

    def scores(self, at: int) -> Numbers:
        """The score of each SKU with the sale, as it opens."""
        running, past = self._parts(at)
        scores: Numbers = running + past + self._load
        return scores

    def clear(self, at: int) -> int | None:
        """When the last SKU may have decayed enough, and pushes no later sale over."""
        k = int(np.searchsorted(self._highs, at, side="right"))
        if k < len(self._highs) and self._lows[k] < at:
            return int(self._highs[k])
        return self._decayed(at)

    def _decayed(self, at: int) -> int | None:
        """The last of the instants when a SKU's score is low enough, or changes."""
        limit = self._limits.red - self._load
        running, past = self._parts(at)
        over = running + past > limit + EPSILON
        if not over.any():
            return at
        room = np.maximum(limit - running[over], 0) + EPSILON / 2
        halvings = np.log2(np.maximum(past[over], EPSILON) / room)
        wait = np.ceil(self._half_life * halvings)
        decay = np.where(limit > running[over], at + wait, np.inf)
        until = np.minimum(decay, self._events(at)[over]).max()
        return None if np.isinf(until) else max(at + 1, int(until))

    def _events(self, at: int) -> Numbers:
        """The next opening or close of each SKU's sales; infinite if there is none."""
        ahead = np.full(self._skus.count, np.inf)
        for events in (self._opens, self._closes):
            coming = events > at
            np.minimum.at(ahead, self._skus.sku[coming], events[coming])
        return ahead

    def _pushed(self, since: int) -> tuple[Whole, Whole]:
        """Openings, exclusive ends, that would lift a later sale over the limit."""
        ahead = self._opens >= since
        room = np.maximum(self._limits.red - self._peaks()[ahead], 1.0)
        tight = self._load > room + EPSILON
        halvings = np.log2(self._load / (room[tight] + EPSILON / 2))
        wait = np.ceil(self._half_life * halvings).astype(np.int64)
        opens = self._opens[ahead][tight]
        return opens - self._length - wait, opens + 1

    def _peaks(self) -> Numbers:
        """The score of its SKU at each entry's opening, with all sales before it."""
        peaks = np.array(self._loads, dtype=np.float64)
        sku = self._skus.sku
        for back in range(1, len(sku)):
            same = np.flatnonzero(sku[back:] == sku[:-back])
            if not len(same):
                break
            passed = np.maximum(self._opens[same + back] - self._closes[same], 0)
            faded = self._loads[same] * np.exp2(-passed / self._half_life)
            np.add.at(peaks, same + back, faded)
        return peaks

    def reason(self, at: int) -> Reason | None:
        """The score of the tiredest SKU, or the later sale that would be lifted."""
        scores = self.scores(at)
        red = str(self._limits.red)
        top = str(round(float(scores.max(initial=0.0))))
        over = np.flatnonzero(scores > self._limits.red + EPSILON)
        if len(over):
            text = f"{self._skus.said(over)} would have a score of up to {top}"
            return Reason(Rule.SCORE, Tone.BLOCK, text, top, red)
        k = int(np.searchsorted(self._highs, at, side="right"))
        if k < len(self._highs) and self._lows[k] < at:
            text = "A later sale of the same SKUs would have too high a score"
            return Reason(Rule.LATER_SALE, Tone.BLOCK, text, top, red)
        return Reason(Rule.SCORE, Tone.OK, "Score of the tiredest SKU", top, red)


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
