"""Which SKUs are on sale more often than a policy allows, over a whole calendar.

A sale breaks a rule here if a verdict on it would have said so, with only the sales of
the SKU known that open before it: of two that are too close the later one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.fatigue.rules.book import Whole
from console.fatigue.rules.days import Days, spell
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Rule, named
from console.fatigue.rules.score import Sale, micro

Short = NDArray[np.int32]
Found = tuple[Whole, Whole, Whole]
"""The SKU, the sale and the sale before, where a rule is broken."""
HALF = 32
PLACE = (1 << HALF) - 1
PART = 50_000
"""Rows looked at at once: their columns are 400 kB each."""


@dataclass(frozen=True)
class Turns:
    """Which SKU is in which sale; a row each, in order of SKU, then of sale.

    opens, closes: of every sale, microseconds since 1970, in order of opening and
    close. rows: the key of the SKU in the upper half, the place of the sale below.
    """

    opens: Whole
    closes: Whole
    rows: Whole

    @classmethod
    def of(cls, opens: Whole, closes: Whole, skus: Short, counts: Short) -> Turns:
        """Sort what each sale sells. skus: keys, sale by sale. counts: of each sale."""
        rows = skus.astype(np.int64) << HALF
        rows |= np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        rows.sort()
        return cls(opens, closes, rows)

    def __len__(self) -> int:
        """How many rows."""
        return len(self.rows)

    def only(self, keys: Sequence[int]) -> Turns:
        """Those of some SKUs."""
        return Turns(self.opens, self.closes, self.rows[self._of(keys)])

    def without(self, keys: Sequence[int]) -> Turns:
        """Those of all other SKUs."""
        if not keys:
            return self
        return Turns(self.opens, self.closes, self.rows[~self._of(keys)])

    def _of(self, keys: Sequence[int]) -> NDArray[np.bool_]:
        return np.isin(self.rows >> HALF, list(keys))

    def parts(self) -> Iterator[Whole]:
        """The rows in parts that fit a processor's cache, each SKU in one of them."""
        start = 0
        while start < len(self.rows):
            end = min(start + PART, len(self.rows))
            next_sku = ((self.rows[end - 1] >> HALF) + 1) << HALF
            end = int(np.searchsorted(self.rows, next_sku))
            yield self.rows[start:end]
            start = end


@dataclass(frozen=True)
class Broken:
    """Where one rule of a policy is broken; every column in order of SKU, then of sale.

    sale: the place of the one that opens too soon. before: that of the sale it does not
    rest from, or of the first in a window that holds too many.
    """

    rule: Rule
    limits: Limits
    sku: Whole
    sale: Whole
    before: Whole

    def skus(self, since: int = 0) -> Whole:
        """Each SKU once, in order; only of sales at a place from `since` on."""
        skus = self.sku[self.sale >= since]
        return skus[np.diff(skus, prepend=-1) > 0]

    def said(self, before: Sale, sale: Sale) -> str:
        """What is wrong with one of them, in the words of a verdict."""
        if self.rule is Rule.MAX_SALES:
            return _crowd(self.limits, before)
        return _haste(self.limits, before, sale)


def broken(limits: Limits, turns: Turns) -> list[Broken]:
    """Every rest that is too short and every window that is too full."""
    rules = [
        (Rule.MIN_GAP, _unrested, limits.min_gap_days),
        (Rule.MAX_SALES, _crowded, limits.max_sales),
    ]
    parts = list(turns.parts())
    found = [
        Broken(rule, limits, *_everywhere(look(limits, turns), parts))
        for rule, look, asked in rules
        if asked and parts
    ]
    return [one for one in found if len(one.sku)]


def _everywhere(look: Callable[[Whole], Found], parts: Sequence[Whole]) -> Found:
    """What is found in all parts, column by column."""
    skus, sales, before = zip(*map(look, parts), strict=True)
    return np.concatenate(skus), np.concatenate(sales), np.concatenate(before)


def _unrested(limits: Limits, turns: Turns) -> Callable[[Whole], Found]:
    """Openings before the rest after any earlier sale of the SKU is over.

    Of each sale it is known beforehand which closes, in their order, are too late for
    it; so one comparison tells SKU and rest: a row of another SKU is smaller.
    """
    days = Days(limits.gap_counts, limits.zone)
    need = limits.min_gap_days * days.unit
    order = np.argsort(turns.closes, kind="stable")
    closes, opens = days.ends(turns.closes)[order], days.positions(turns.opens)
    late = np.searchsorted(closes, opens - need, side="right")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))

    def look(rows: Whole) -> Found:
        sku, sale = rows & ~PLACE, rows & PLACE
        latest = np.maximum.accumulate(sku | rank[sale])[:-1]
        near = np.flatnonzero(latest >= (sku | late[sale])[1:])
        return sku[near + 1] >> HALF, sale[near + 1], order[latest[near] & PLACE]

    return look


def _crowded(limits: Limits, turns: Turns) -> Callable[[Whole], Found]:
    """Openings that are one too many in the window before them.

    Of each sale it is known beforehand from which place on sales are in its window.
    """
    days, most = Days(limits.window_counts, limits.zone), limits.max_sales
    span = limits.window_days * days.unit
    opens = days.positions(turns.opens)
    since = np.searchsorted(opens, opens - span, side="right")

    def look(rows: Whole) -> Found:
        last = rows[most:]
        sku, sale = last & ~PLACE, last & PLACE
        full = np.flatnonzero(rows[:-most] >= (sku | since[sale]))
        return sku[full] >> HALF, sale[full], rows[full] & PLACE

    return look


def _haste(limits: Limits, before: Sale, sale: Sale) -> str:
    days = Days(limits.gap_counts, limits.zone)
    rest = days.rest(micro(before.closes_at), micro(sale.opens_at))
    text = f"{spell(rest)} after {named([before])}; "
    return text + f"rest is {spell(limits.min_gap_days)}, {days.words}"


def _crowd(limits: Limits, first: Sale) -> str:
    words = Days(limits.window_counts, limits.zone).words
    text = f"{limits.max_sales + 1} sales in {limits.window_days} days ({words}; "
    return text + f"at most {limits.max_sales}), the first of them {named([first])}"
