"""Prices that change hands during a sale: one step is responsible for each SKU.

An amendment sets another price for a SKU, or takes it out, while the step that set the
first price stays as it was done. The later step then puts the SKU back, to what the
shop showed before the first; the earlier one leaves it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from console.providers.ports import ShopPrice
from console.runbook.models import Step
from console.runbook.rules import State

APPLY, WITHDRAW = "prices.apply", "prices.withdraw"


def handed_over(step: Step) -> set[str]:
    """SKUs that a later step of the plan puts back, or has put back, instead of this.

    A step takes over with its first look at the shop; one that never ran took nothing.
    """
    begun = Q(kind=APPLY, before__isnull=False)
    done = Q(kind=WITHDRAW, state=State.VERIFIED)
    later = Step.objects.filter(
        begun | done, plan=step.plan, target=step.target, pk__gt=step.pk
    )
    prices = later.values_list("wanted__prices", flat=True)
    return {sku for some in prices for sku in some or {}}


def inherited(wanted: Mapping[str, Any], price: ShopPrice) -> dict[str, Any] | None:
    """What the shop showed before the sale, while it shows the price of the sale.

    None where somebody changed it since: then what is there now is what was before.
    """
    before: dict[str, Any] | None = wanted.get("inherits", {}).get(price.sku)
    ours = wanted.get("replaces", {}).get(price.sku, [])
    if before is None or price.sale not in {Decimal(one) for one in ours}:
        return None
    return before if price.campaign in ("", wanted["campaign"]) else None
