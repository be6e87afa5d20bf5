"""A planned sale by the numbers its SKUs have in a list, whole columns at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from console.prices.rules.planned import Column, Packed, Planned

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Instants are counted in microseconds from here, as PostgreSQL does."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A sale by the numbers of its SKUs. places: in order. amount: thousandths."""

    sale: Planned
    opens: int
    closes: int
    places: Column
    amount: Column

    def meets(self, start: int, end: int) -> bool:
        """True if its prices are in force at some instant of [start, end)."""
        return self.opens < min(end, self.closes) and self.closes > start


def offers(sales: Iterable[Planned], skus: Sequence[str]) -> list[Offer]:
    """Sales by the numbers of their SKUs in a list; others are left out."""
    numbers = {sku: number for number, sku in enumerate(skus)}
    lists: dict[int, Column] = {}
    return [_offer(sale, numbers, lists) for sale in sales]


def _offer(
    sale: Planned, numbers: Mapping[str, int], lists: dict[int, Column]
) -> Offer:
    """lists: by the list of SKUs of packed prices, their numbers; filled on the way."""
    prices = sale.prices
    if isinstance(prices, Packed):
        known = lists.get(id(prices.skus))
        if known is None:
            known = lists[id(prices.skus)] = _numbered(prices.skus, numbers)
        places, exact = known[prices.places], prices.amount
        places, exact = places[places >= 0], exact[places >= 0]
    else:
        places, exact = _columns(prices, numbers)
    order = np.argsort(places)
    ends = instant(sale.opens_at), instant(sale.closes_at)
    return Offer(sale, *ends, places[order], exact[order])


def _numbered(skus: Sequence[str], numbers: Mapping[str, int]) -> Column:
    return np.array([numbers.get(sku, -1) for sku in skus], dtype=np.int64)


def _columns(
    prices: Mapping[str, Decimal], numbers: Mapping[str, int]
) -> tuple[Column, Column]:
    """By way of floats, which takes half the time and is exact.

    Below 9e15 thousandths a float holds every whole number; the rounding finds it.
    """
    known = {numbers[sku]: price for sku, price in prices.items() if sku in numbers}
    places = np.fromiter(known, np.int64, len(known))
    amounts = np.fromiter(map(float, known.values()), np.float64, len(known))
    return places, np.rint(amounts * 1000).astype(np.int64)


def instant(at: datetime) -> int:
    """An instant as the columns count it."""
    return (at - EPOCH) // timedelta(microseconds=1)
