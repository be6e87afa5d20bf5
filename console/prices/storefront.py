"""After the prices: does the store itself show them, page by page of a sample?"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

from console.errors import OutsideFailure, Refusal
from console.prices import pushing, sampling
from console.prices.pushing import Prices, Target
from console.prices.sampling import Costs, Found, Looked
from console.providers.ports import Display
from console.runbook.handlers import Seen

PASSES = 3
PAUSE_S = 0.3


def checked(target: Target, codes: Collection[str], again: Prices, seen: Seen) -> Seen:
    """Look at the store's pages once every price was read back; the answer with that.

    codes: the SKUs to choose from. again: what is written once more for a SKU whose
    page is wrong; a SKU that is not in it is only looked at once more. A price that not
    everybody may have is not on the public page, so nobody looks there.

    Raises:
        OutsideFailure: pages show another price after every try; worth one later.
    """
    seen, looked, costs = _looked(target, codes, again, seen)
    if looked.wrong:
        raise OutsideFailure(
            f"{len(looked.wrong)} of {len(costs)} pages looked at in the store do not "
            f"show the price it says: {sampling.named(looked.wrong, costs)}.",
            transient=True,
            kind="page_differs",
        )
    return seen


def listed(target: Target, codes: Collection[str], again: Prices, seen: Seen) -> Seen:
    """The same after a revert: what is wrong is told, and stops nothing.

    Every price is back in the shop by then; a page that lags, or that cannot be read,
    does not undo that.
    """
    try:
        seen, looked, costs = _looked(target, codes, again, seen)
    except (OutsideFailure, Refusal) as failed:
        told = {**seen.values, "pages_problem": failed.message}
        return replace(seen, values=told, note=f"{seen.note}; pages were not read")
    if not looked.wrong:
        return seen
    named = sampling.named(looked.wrong, costs, most=3)
    return replace(seen, note=f"{seen.note}: {named}")


def _looked(
    target: Target, codes: Collection[str], again: Prices, seen: Seen
) -> tuple[Seen, Looked, Costs]:
    shop = target.shop
    if seen.pending or target.offer or not isinstance(shop, Display):
        return seen, Looked(), {}
    sample = sampling.chosen(codes, seed=target.key)
    found = pushing.read(shop, list(sample.skus)) if sample.skus else {}
    looked, pushed = _settled(target, shop, found, again)
    told = sample.plain() | looked.plain() | {"again": pushed}
    values = {**seen.values, "pages": told}
    note = seen.note + _note(looked, pushed)
    return replace(seen, values=values, note=note), looked, sampling.costs(found)


def _settled(
    target: Target, shop: Display, found: Found, again: Prices
) -> tuple[Looked, list[str]]:
    """Look, write once more exactly what was wrong, and look again at that."""
    costs, until = sampling.costs(found), sampling.deadline()
    looked, pushed = sampling.look(shop, costs, edge=False, until=until), set[str]()
    for number in range(1, PASSES):
        if not looked.wrong or time.monotonic() >= until:
            break
        if some := {sku: again[sku] for sku in looked.wrong if sku in again}:
            key = f"{target.key}/{target.now.timestamp()}/pages/{number}"
            target.shop.set_prices(some, campaign=target.campaign, key=key, found=found)
            pushed |= set(some)
        time.sleep(PAUSE_S)
        wrong = {sku: costs[sku] for sku in looked.wrong}
        second = sampling.look(shop, wrong, edge=False, until=until)
        looked = _after(looked, second)
    return looked, sorted(pushed)


def _after(first: Looked, second: Looked) -> Looked:
    """What is known after another look at what was wrong.

    A page that says nothing this time is still wrong: its last word was.
    """
    quiet = [*second.silent, *second.unanswered]
    wrong = second.wrong | {sku: first.wrong[sku] for sku in quiet}
    return replace(first, right=first.right + second.right, wrong=wrong)


def _note(looked: Looked, pushed: list[str]) -> str:
    seen = {
        "name no price": looked.silent,
        "did not answer": looked.unanswered,
        "after another push": pushed,
        "show another price": looked.wrong,
    }
    told = [f"{len(skus)} {words}" for words, skus in seen.items() if skus]
    return "; " + ", ".join([f"{looked.right} pages show it", *told])
