"""What would have sold without a sale: the same weekday and hour, four weeks back.

It is the median of the same weekday and hour over the previous four weeks without a
sale, times the trend (docs/uplift.md, how a sale is measured).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.uplift.rules.episodes import Offer

WEEKS = 4
LOOK_BACK_WEEKS = 12
MIN_REST = 20
MOST_TREND = 4.0

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """Order lines of each SKU in each bin. week: bins of a week, 7 days or 168 hours.

    counts: SKU × bin. busy: the same shape, true where a SKU is on sale or nothing is
    known of it. rest: lines of all other goods in each bin, by which the trend is told;
    None if nothing is known of them. first: the bin in which each SKU was first sold.
    """

    counts: Counts
    busy: NDArray[np.bool_]
    rest: Counts | None
    first: NDArray[np.int_]
    week: int

    @property
    def bins(self) -> int:
        """How long it is."""
        return int(self.counts.shape[1])


@dataclass(frozen=True)
class Seen:
    """What offers sold in a stretch, and in the four weeks they are held against.

    actual: offer × bin. weeks: offer × week × bin, each lifted to the trend. trend: the
    mean growth of the rest of the shop since those weeks; None if that is unknown.
    left_out: offers without four weeks before them.
    """

    actual: Counts
    weeks: Counts
    trend: float | None
    left_out: int = 0

    @property
    def offers(self) -> int:
        """How many offers are measured."""
        return len(self.actual)


def seen(line: Timeline, offers: Sequence[Offer], *, tail: int = 0) -> Seen | None:
    """The window of each offer, or the `tail` bins after it; None if none has history.

    A bin of the tail in which the SKU is on sale again is not counted.
    """
    parts = []
    for offer in offers:
        start, end = offer.opens, offer.closes
        if tail:
            start, end = end, min(end + tail, line.bins)
        bins = np.arange(start, min(end, line.bins))
        if tail:
            bins = bins[~line.busy[offer.sku, bins]]
        places = weeks_before(line, offer, bins)
        if places is not None:
            parts.append((offer.sku, bins, places))
    if not parts:
        return None
    return _gathered(line, parts, left_out=len(offers) - len(parts))


def weeks_before(
    line: Timeline, offer: Offer, bins: NDArray[np.int_]
) -> NDArray[np.int_] | None:
    """For each bin the same weekday and hour of the last four weeks without a sale.

    week × bin. None if within twelve weeks there are fewer than four.
    """
    found = np.full((WEEKS, len(bins)), -1)
    filled = np.zeros(len(bins), dtype=int)
    away = (bins - offer.opens) // line.week
    for back in range(1, LOOK_BACK_WEEKS + 1):
        places = bins - (away + back) * line.week
        clear = places >= max(0, int(line.first[offer.sku]))
        clear &= ~line.busy[offer.sku, np.maximum(places, 0)] & (filled < WEEKS)
        which = np.flatnonzero(clear)
        found[filled[which], which] = places[which]
        filled[which] += 1
    return found if len(bins) and filled.min() == WEEKS else None


def _gathered(
    line: Timeline,
    parts: Sequence[tuple[int, NDArray[np.int_], NDArray[np.int_]]],
    *,
    left_out: int,
) -> Seen:
    """All offers in one array, shorter windows filled up with zeros."""
    width = max(len(bins) for _, bins, _ in parts)
    actual = np.zeros((len(parts), width))
    weeks = np.zeros((len(parts), WEEKS, width))
    growths = []
    for row, (sku, bins, places) in enumerate(parts):
        growth = trend(line.rest, bins, places)
        actual[row, : len(bins)] = line.counts[sku, bins]
        lifted = line.counts[sku, places] * growth[:, None]
        weeks[row, :, : len(bins)] = lifted
        growths.append(growth)
    known = line.rest is not None and line.rest.sum() >= MIN_REST
    return Seen(actual, weeks, float(np.mean(growths)) if known else None, left_out)


def trend(
    rest: Counts | None, bins: NDArray[np.int_], places: NDArray[np.int_]
) -> Counts:
    """How much the rest of the shop grew from each of the weeks to the window.

    1 where too little was sold to tell; never beyond a factor of four either way.
    """
    if rest is None:
        return np.ones(WEEKS)
    now, then = rest[bins].sum(), rest[places].sum(axis=1)
    growth = np.where(then >= MIN_REST, now / np.maximum(then, 1), 1.0)
    return np.clip(growth, 1 / MOST_TREND, MOST_TREND)
