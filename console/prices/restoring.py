"""Putting back one price that a person decided about, by compare-and-set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from console.prices import operations, pushing
from console.prices.models import Conflict
from console.prices.pushing import Progress, Target
from console.prices.rules import Reason, spell
from console.prices.rules.reverting import Choice, Shown
from console.providers.ports import ShopPrice, Storefront
from console.runbook.handlers import Drifted, Seen


def restore(shop: Storefront, conflict: Conflict, key: str, now: datetime) -> Seen:
    """Bring the price to what it was before our sale, read it back and note it.

    Raises:
        Drifted: the shop asks neither what was found nor what was before.
    """
    if conflict.choice != Choice.RESTORE:
        return Seen(note="Decided otherwise; nothing to do")
    lying = conflict.found_campaign or conflict.campaign
    to = Target(shop, lying, conflict.currency, key, now, conflict.channel)
    price = pushing.read(shop, [conflict.sku])
    found = pushing.shown(price[conflict.sku])
    if not _there(conflict, found):
        if found != conflict.found:
            _ask_again(conflict, found, now)
        price = _write(to, conflict, price)
    pushing.write_down(to, price, lambda _: (Reason.REVERT, "Decided after the sale"))
    operations.settle([conflict.pk], now=now)
    back = pushing.shown(price[conflict.sku])
    return Seen({"sale": str(back.sale), "regular": str(back.regular)}, "Put back")


def _there(conflict: Conflict, found: Shown) -> bool:
    return (found.sale, found.campaign) == (
        conflict.before_sale,
        conflict.before_campaign,
    )


def _ask_again(conflict: Conflict, found: Shown, now: datetime) -> None:
    operations.reopen(conflict.pk, found, now=now)
    seen, was = (spell(s.paid, conflict.currency) for s in (found, conflict.found))
    raise Drifted(
        f"The shop asks {seen} for {conflict.sku}, not {was} as when somebody decided. "
        "Nothing was changed: decide again."
    )


def _write(
    to: Target, conflict: Conflict, price: dict[str, ShopPrice]
) -> dict[str, ShopPrice]:
    """End what lies there, each under its own sale, then set what was there before.

    Where prices lie over each other, what was before may appear by itself.
    """
    sku, progress = conflict.sku, Progress("revert")
    for owner in dict.fromkeys((to.campaign, conflict.campaign)):
        ending = replace(to, campaign=owner, key=f"{to.key}/{owner}")
        price = pushing.settle(ending, {sku: None}, price, progress, _gone(owner))
    if conflict.before_sale is None or price[sku].sale == conflict.before_sale:
        return price
    owner = conflict.before_campaign or conflict.campaign
    back = replace(to, campaign=owner, key=f"{to.key}/back")
    return pushing.settle(back, {sku: conflict.before_sale}, price, progress)


def _gone(owner: str) -> Callable[[ShopPrice], bool]:
    return lambda price: price.sale is None or price.campaign not in ("", owner)
