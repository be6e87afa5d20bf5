"""After the prices: does the store itself show them, page by page of a sample?"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from console.errors import OutsideFailure
from console.prices import pushing, sampling
from console.prices.pushing import Prices, Target
from console.prices.sampling import NO_ANSWER, Costs, Looked
from console.providers.ports import Display
from console.runbook.handlers import Seen

PASSES = 3
PAUSE_S = 0.3


def checked(target: Target, codes: Collection[str], again: Prices, seen: Seen) -> Seen:
    """Look at the store's pages once every price was read back; the answer with that.

    codes: the SKUs to choose from. again: what is written once more for a SKU whose
    page is wrong; a SKU that is not in it is only looked at once more.

    Raises:
        OutsideFailure: pages show another price after every try; worth one later.
    """
    shop = target.shop
    if seen.pending or not isinstance(shop, Display):
        return seen
    sample = sampling.chosen(codes, seed=target.key)
    costs = _costs(target, sample.skus)
    looked, pushed = _settled(target, shop, costs, again)
    told = sample.plain() | looked.plain() | {"again": pushed}
    if looked.wrong:
        raise OutsideFailure(
            f"{len(looked.wrong)} of {len(costs)} pages looked at in the store do not "
            f"show the price it says: {sampling.named(looked.wrong, costs)}.",
            transient=True,
            kind="page_differs",
        )
    return replace(
        seen,
        values={**seen.values, "pages": told},
        note=seen.note + _note(looked, pushed),
    )


def _costs(target: Target, skus: Collection[str]) -> Costs:
    found = pushing.read(target.shop, list(skus)) if skus else {}
    return {sku: pushing.shown(price).paid for sku, price in found.items()}


def _settled(
    target: Target, shop: Display, costs: Costs, again: Prices
) -> tuple[Looked, list[str]]:
    """Look, write once more exactly what was wrong, and look again at that."""
    looked, pushed = sampling.look(shop, costs, edge=False), set[str]()
    for number in range(1, PASSES):
        if not looked.wrong:
            break
        wrong = {sku: costs[sku] for sku in looked.wrong}
        answered = [s for s, said in looked.wrong.items() if said != NO_ANSWER]
        if some := {sku: again[sku] for sku in answered if sku in again}:
            key = f"{target.key}/{target.now.timestamp()}/pages/{number}"
            target.shop.set_prices(some, campaign=target.campaign, key=key)
            pushed |= set(some)
        time.sleep(PAUSE_S)
        second = sampling.look(shop, wrong, edge=False)
        looked = Looked(
            looked.right + second.right, looked.silent + second.silent, second.wrong
        )
    return looked, sorted(pushed)


def _note(looked: Looked, pushed: list[str]) -> str:
    seen: dict[str, Any] = {"pages show it": looked.right}
    if looked.silent:
        seen["name no price"] = len(looked.silent)
    if pushed:
        seen["after another push"] = len(pushed)
    return "; " + ", ".join(f"{count} {words}" for words, count in seen.items())
