"""A sample of product pages, read for the price that shoppers see.

The API of a shop may have a price that its pages do not show. All prices are read back
over the API (pushing); of the pages a few, always the same ones for one step.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings

from console.errors import OutsideFailure
from console.providers.ports import Display, PagePrice, ShopPrice

AT_ONCE = 8
BUDGET_S = 10.0
Costs = Mapping[str, Decimal]
Found = Mapping[str, ShopPrice]


@dataclass(frozen=True)
class Sample:
    """Some SKUs of a step. seed: with it and all SKUs the choice is repeatable."""

    seed: str
    skus: Sequence[str]
    of: int

    def plain(self) -> dict[str, Any]:
        """As a step keeps it."""
        return {"seed": self.seed, "skus": list(self.skus), "of": self.of}


def chosen(codes: Collection[str], *, seed: str) -> Sample:
    """SAMPLE_PAGES of the SKUs, by the hash of seed and code: no order favours any."""
    ranked = sorted(codes, key=lambda sku: _rank(seed, sku))
    return Sample(seed, sorted(ranked[: settings.SAMPLE_PAGES]), len(codes))


def _rank(seed: str, sku: str) -> str:
    return hashlib.sha256(f"{seed}/{sku}".encode()).hexdigest()


def costs(found: Found) -> Costs:
    """What the page of each SKU should show: what the API says shoppers pay."""
    return {
        sku: price.regular if price.sale is None else price.sale
        for sku, price in found.items()
    }


@dataclass
class Looked:
    """What the pages of a sample say.

    right: pages that show the price there should be. wrong: what others show, by SKU.
    Unknown, not wrong: silent, SKUs whose page names no price for machines; unanswered,
    SKUs whose page is missing, leads elsewhere, fails or was not reached in time.
    """

    right: int = 0
    silent: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As a step keeps it."""
        return asdict(self)


def deadline() -> float:
    """When the looks of one call end, as `time.monotonic` counts.

    A page that was asked for by then is still waited for, as long as one call to the
    shop may take: both together stay below the lease of a step.
    """
    return time.monotonic() + BUDGET_S


def look(shop: Display, costs: Costs, *, edge: bool, until: float) -> Looked:
    """Read the page of each SKU, in the store or through the edge.

    costs: what each page should show. until: as of `deadline`; pages that were not
    reached by then count as unanswered.
    """
    found = Looked()
    for page in _pages(costs, lambda sku: _page(shop, sku, edge=edge, until=until)):
        if page.status != 200:
            found.unanswered.append(page.sku)
        elif page.price is None:
            found.silent.append(page.sku)
        elif page.price == costs[page.sku]:
            found.right += 1
        else:
            found.wrong[page.sku] = format(page.price, "f")
    return found


def _page(shop: Display, sku: str, *, edge: bool, until: float) -> PagePrice:
    if time.monotonic() >= until:
        return PagePrice(sku, 0, None)
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
