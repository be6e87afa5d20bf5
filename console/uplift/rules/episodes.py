"""Finding sales in a history that names none: prices that fell and came back.

A reduction is a run of days on which a SKU was paid at least 10% below its usual price.
The usual price is the median of the daily prices of the 28 days before the run. Where
it was not steady, or the reduced one is not new, the reduction is doubtful: a shop with
two price lists changes from one to the other daily.
A daily price is the median of what the smaller half of all buyers of the SKU paid, so
that the price of large quantities is not taken for a sale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEEP = 0.10
USUAL_DAYS = 28
MIN_USUAL_DAYS = 6
MIN_ORDERS = 3
STEADY = 0.8
OLD = 0.1
MOST_GAP_DAYS = 3
MOST_DAYS = 28
TOGETHER = 5
WEEK = 7


@dataclass(frozen=True)
class Offer:
    """One SKU reduced from its first day to the day before `closes`.

    sku: its row. opens, closes: days, or hours, from the start of the timeline;
    half-open. depth: 1 − paid ÷ usual; None if nobody knows. clear: false if it may as
    well be another price list.
    """

    sku: int
    opens: int
    closes: int
    depth: float | None = None
    clear: bool = True


@dataclass(frozen=True)
class Group:
    """Offers that are measured as one sale. together: they began on one day."""

    offers: Sequence[Offer]
    together: bool

    @property
    def opens(self) -> int:
        """The first day of any."""
        return min(offer.opens for offer in self.offers)

    @property
    def closes(self) -> int:
        """The day after the last of any."""
        return max(offer.closes for offer in self.offers)


def offers(
    sku: int,
    prices: NDArray[np.float64],
    lowest: NDArray[np.float64],
    orders: NDArray[np.int_],
) -> Iterator[Offer]:
    """The reductions of one SKU.

    prices, lowest: the median and the least of each day, NaN where none is known.
    orders: lines a day.

    Only goods of three lines a day or more in the 28 days before are looked at; what
    sold on the day itself does not matter, or good days alone would be found. Up to
    three days without a price are bridged. A run of more than 28 days is a new price
    and no sale, and so is one that has not ended by the last day.
    """
    telling = np.flatnonzero(~np.isnan(prices))
    place = 0
    while place < len(telling):
        first = int(telling[place])
        usual = usual_price(prices, orders, first)
        if usual is None or prices[first] > usual * (1 - DEEP):
            place += 1
            continue
        end = _run(telling, place, prices, usual * (1 - DEEP))
        last = int(telling[end - 1])
        paid = float(np.median(prices[telling[place:end]]))
        if end < len(telling) and last - first < MOST_DAYS:
            clear = is_steady(prices, first) and is_new(paid, lowest, first)
            yield Offer(sku, first, last + 1, 1 - paid / usual, clear)
        place = end


def is_steady(prices: NDArray[np.float64], day: int) -> bool:
    """True if four fifths of the prices of the 28 days before are near their median."""
    before = prices[max(0, day - USUAL_DAYS) : day]
    known = before[~np.isnan(before)]
    near = np.abs(known - np.median(known)) <= np.median(known) * DEEP
    return bool(near.mean() >= STEADY)


def is_new(paid: float, lowest: NDArray[np.float64], day: int) -> bool:
    """True if hardly anybody paid as little before.

    On at most a tenth of the 28 days before a day was the lowest price so low.
    """
    before = lowest[max(0, day - USUAL_DAYS) : day]
    known = before[~np.isnan(before)]
    return bool((known <= paid).mean() <= OLD) if len(known) else False


def usual_price(
    prices: NDArray[np.float64], orders: NDArray[np.int_], day: int
) -> float | None:
    """The median price of the 28 days before a day.

    None where fewer than six of them have one, or fewer than three lines a day sold.
    """
    since = max(0, day - USUAL_DAYS)
    before, sold = prices[since:day], orders[since:day]
    known = before[~np.isnan(before)]
    if len(known) < MIN_USUAL_DAYS or sold.sum() < MIN_ORDERS * len(known):
        return None
    return float(np.median(known))


def _run(
    telling: NDArray[np.int_], place: int, prices: NDArray[np.float64], low: float
) -> int:
    """The place after the last telling day of a run that begins at `place`."""
    end = place + 1
    while end < len(telling):
        near = telling[end] - telling[end - 1] <= MOST_GAP_DAYS + 1
        if not near or prices[telling[end]] > low:
            break
        end += 1
    return end


def groups(found: Sequence[Offer]) -> list[Group]:
    """Offers as sales: five or more that began on one day are one sale.

    The others are pooled by week: alone, a SKU sells too little to be measured.
    """
    by_day: dict[int, list[Offer]] = defaultdict(list)
    for offer in found:
        by_day[offer.opens].append(offer)
    sales = [Group(part, True) for part in by_day.values() if len(part) >= TOGETHER]
    pools: dict[int, list[Offer]] = defaultdict(list)
    for day, part in by_day.items():
        if len(part) < TOGETHER:
            pools[day // WEEK] += part
    sales += [Group(part, False) for part in pools.values()]
    return sorted(sales, key=lambda group: (group.opens, not group.together))
