"""A sample of product pages, read for the price that shoppers see.

The API of a shop may have a price that its pages do not show. All prices are read back
over the API (pushing); of the pages a few, always the same ones for one step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings

from console.errors import OutsideFailure
from console.providers.ports import Display, PagePrice

AT_ONCE = 8
NO_ANSWER = "no page"
Costs = Mapping[str, Decimal]


@dataclass(frozen=True)
class Sample:
    """Some SKUs of a step. seed: with it and all SKUs the choice is repeatable."""

    seed: str
    skus: Sequence[str]
    of: int

    def plain(self) -> dict[str, Any]:
        """As a step keeps it."""
        return {"seed": self.seed, "skus": list(self.skus), "of": self.of}


def chosen(codes: Collection[str], *, seed: str, size: int | None = None) -> Sample:
    """So many of the SKUs, by the hash of seed and code: no order favours any.

    size: SAMPLE_PAGES if not said.
    """
    most = settings.SAMPLE_PAGES if size is None else size
    ranked = sorted(codes, key=lambda sku: _rank(seed, sku))
    return Sample(seed, sorted(ranked[:most]), len(codes))


def _rank(seed: str, sku: str) -> str:
    return hashlib.sha256(f"{seed}/{sku}".encode()).hexdigest()


@dataclass
class Looked:
    """What the pages of a sample say.

    right: pages that show the price there should be. silent: SKUs whose page names no
    price for machines: unknown, not wrong. wrong: what others show, by SKU.
    """

    right: int = 0
    silent: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As a step keeps it."""
        return {"right": self.right, "silent": self.silent, "wrong": self.wrong}


def look(shop: Display, costs: Costs, *, edge: bool) -> Looked:
    """Read the page of each SKU, in the store or through the edge.

    costs: what each page should show.

    A page that does not answer is wrong, too: nobody can buy there.
    """
    found = Looked()
    for page in _pages(costs, lambda sku: _page(shop, sku, edge=edge)):
        if page.status != 200:
            found.wrong[page.sku] = NO_ANSWER
        elif page.price is None:
            found.silent.append(page.sku)
        elif page.price == costs[page.sku]:
            found.right += 1
        else:
            found.wrong[page.sku] = format(page.price, "f")
    return found


def _page(shop: Display, sku: str, *, edge: bool) -> PagePrice:
    try:
        return shop.page(sku, edge=edge)
    except OutsideFailure:
        return PagePrice(sku, 0, None)


def _pages(skus: Collection[str], read: Callable[[str], PagePrice]) -> list[PagePrice]:
    if not skus:
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, skus))


def named(wrong: Mapping[str, str], costs: Costs, *, most: int = 20) -> str:
    """`A shows 100.00, not 70.00; B …`."""
    parts = [
        f"{sku} shows {said}, not {format(costs[sku], 'f')}"
        for sku, said in sorted(wrong.items())[:most]
    ]
    more = len(wrong) - len(parts)
    return "; ".join(parts) + (f"; and {more} more" if more else "")
