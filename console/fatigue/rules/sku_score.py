"""How tired each of many SKUs is: the tiredest decides."""

from __future__ import annotations

import numpy as np

from console.fatigue.rules.book import NANO, Numbers, Whole
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.score import DAY, EPSILON, Sale, load_of, micro
from console.fatigue.rules.skus import Incidence, merged

TINY = 1e-300
"""Instead of no points at all, of which there is no logarithm."""


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
        past, room = self._spare(at)
        over = past > room
        if not over.any():
            return at
        left = np.maximum(room[over], TINY)
        halvings = np.log2(np.maximum(past[over], TINY) / left)
        wait = np.ceil(self._half_life * halvings)
        decay = np.where(room[over] > 0, at + wait, np.inf)
        until = np.minimum(decay, self._events(at)[over]).max()
        return None if np.isinf(until) else max(at + 1, int(until))

    def _spare(self, at: int) -> tuple[Numbers, Numbers]:
        """What is past of each SKU, and the room the rest leaves for it."""
        running, past = self._parts(at)
        return past, self._limits.red - self._load - running + EPSILON

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
        scores, (past, room) = self.scores(at), self._spare(at)
        red = str(self._limits.red)
        top = str(round(float(scores.max(initial=0.0))))
        over = np.flatnonzero(past > room)
        if len(over):
            text = f"{self._skus.said(over)} would have a score of up to {top}"
            return Reason(Rule.SCORE, Tone.BLOCK, text, top, red)
        k = int(np.searchsorted(self._highs, at, side="right"))
        if k < len(self._highs) and self._lows[k] < at:
            text = "A later sale of the same SKUs would have too high a score"
            return Reason(Rule.LATER_SALE, Tone.BLOCK, text, top, red)
        return Reason(Rule.SCORE, Tone.OK, "Score of the tiredest SKU", top, red)
