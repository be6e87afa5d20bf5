"""A sale as it is planned, for the look-ahead: its prices, its days, its channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from console.prices.rules.history import WINDOW_DAYS, window_start

Column = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Packed(Mapping[str, Decimal]):
    """The prices of some SKUs as columns: thousands cost no object each.

    skus: those of the plan that is looked ahead of. places: in that list, in any order,
    each once. amount: thousandths.
    """

    skus: Sequence[str]
    places: Column
    amount: Column

    def __getitem__(self, sku: str) -> Decimal:
        """One price; for people, not for thousands."""
        found = np.flatnonzero(self.places == self.skus.index(sku)).tolist()
        if not found:
            raise KeyError(sku)
        return Decimal(int(self.amount[found[0]])) / 1000

    def __iter__(self) -> Iterator[str]:
        """Each SKU that has a price."""
        return (self.skus[place] for place in self.places.tolist())

    def __len__(self) -> int:
        """How many have."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Planned:
    """A sale as planned: its prices by SKU are in force in [opens_at, closes_at).

    measured: a law of it measures reductions by the 30-day low. One without loses no
    claim, but its price is as low for others. zones: of the markets whose days count;
    the shop's own if empty. channels: a price counts in its own only, and a sale of
    several is measured from the lowest of them.
    """

    code: str
    name: str
    opens_at: datetime
    closes_at: datetime
    prices: Mapping[str, Decimal]
    measured: bool = True
    zones: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("web",)

    def since(self, zone: str) -> datetime:
        """Where the days whose prices count for it begin. zone: of the shop."""
        days = WINDOW_DAYS
        return min(window_start(self.opens_at, z, days) for z in self.zones or (zone,))

    def meets(self, *others: Planned) -> bool:
        """True if it has a channel in common with one of these."""
        return any(not set(self.channels).isdisjoint(one.channels) for one in others)


def coming(
    planned: Sequence[Planned], moved: Sequence[Planned], *, now: datetime
) -> list[Planned]:
    """Of these the sales yet to open that may lose something to one that is moved."""
    codes = {one.code for one in moved}
    return [
        one
        for one in planned
        if one.opens_at > now
        and one.measured
        and one.code not in codes
        and one.meets(*moved)
    ]


def all_skus(sales: Iterable[Planned]) -> list[str]:
    """Every SKU one of these may sell, in order; packed prices name theirs together."""
    lists = {id(prices): prices for prices in map(_named, sales)}
    return sorted(set().union(*lists.values()))


def _named(sale: Planned) -> Iterable[str]:
    prices = sale.prices
    return prices.skus if isinstance(prices, Packed) else prices
