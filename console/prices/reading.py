"""What a step of prices has set in a shop, read back now: SKU by SKU."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from console.prices import handover
from console.prices.rules import spell
from console.providers.operations import open_port
from console.providers.ports import ShopPrice, Storefront
from console.runbook.handlers import Setting
from console.runbook.models import Step

NO_SALE = "no sale price"
UNKNOWN = "not in the shop"


def settings(step: Step) -> list[Setting]:
    """Each SKU with the sale price it should have and the one the shop asks.

    Of a step that is put back, or should be: that ours is gone. What a later step took
    over, and what somebody else had changed before, is not this step's any more.
    """
    shop = open_port(Storefront, step.wanted["connection"])
    left = _left(step)
    codes = [sku for sku in sorted(step.wanted["prices"]) if sku not in left]
    found = shop.prices(codes) if codes else {}
    tell = _gone if _back(step) else _set
    return list(tell(step, codes, found))


def _back(step: Step) -> bool:
    return step.undoing or step.kind == handover.WITHDRAW


def _left(step: Step) -> set[str]:
    kept = (step.seen or {}).get("kept", {}) if _back(step) else {}
    return handover.handed_over(step) | set(kept) if step.pk else set()


def _set(
    step: Step, codes: list[str], found: dict[str, ShopPrice]
) -> Iterator[Setting]:
    for sku in codes:
        wanted, price = Decimal(step.wanted["prices"][sku]), found.get(sku)
        holds = price is not None and price.sale == wanted
        yield Setting(sku, _spelled(step, wanted), _found(step, price), holds)


def _gone(
    step: Step, codes: list[str], found: dict[str, ShopPrice]
) -> Iterator[Setting]:
    """Ours is gone unless the shop still asks it: what else is there is theirs."""
    before = (step.before or {}).get("prices", {})
    for sku in codes:
        price, kept = found.get(sku), before.get(sku, {}).get("sale")
        was = None if kept is None else Decimal(kept)
        holds = price is None or price.sale == was or not _is_ours(step, price)
        yield Setting(sku, _spelled(step, was), _found(step, price), holds)


def _is_ours(step: Step, price: ShopPrice) -> bool:
    """True for a price this sale gave the SKU, and no other sale's."""
    replaced = step.wanted.get("replaces", {}).get(price.sku, [])
    ours = {Decimal(one) for one in (step.wanted["prices"][price.sku], *replaced)}
    return price.sale in ours and price.campaign in ("", step.wanted["campaign"])


def _found(step: Step, price: ShopPrice | None) -> str:
    return UNKNOWN if price is None else _spelled(step, price.sale)


def _spelled(step: Step, amount: Decimal | None) -> str:
    currency = step.wanted.get("currency", "EUR")
    return NO_SALE if amount is None else spell(amount, currency)
