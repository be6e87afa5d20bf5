"""What a product that is added to a sale could say, from the lines there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.queries import list_prices
from console.prices.rules import cut
from console.stock.models import Sku

LOOKED_AT = 2_000
"""Lines the usual depth and quantity are taken from."""


def lines(
    campaign: Campaign, codes: Sequence[str], *, now: datetime
) -> list[dict[str, Any]]:
    """Each SKU at the usual depth and quantity of the sale, as a form shows it.

    Without a sale price where its list price is not known in this currency.
    """
    rows = campaign.lines.order_by("position", "pk").values_list(
        "regular_price", "sale_price", "units", "buffer"
    )
    there = list(rows[:LOOKED_AT])
    if not codes or not there:
        return [{"sku": code} for code in codes]
    kept = median(sale / regular for regular, sale, _, _ in there)
    units = int(median(row[2] for row in there))
    buffer = int(median(row[3] for row in there))
    skus = list(Sku.objects.filter(code__in=codes).order_by("code"))
    listed = list_prices.known(campaign, skus, now=now)
    prices = {
        code: cut(full * kept, campaign.currency) for code, full in listed.items()
    }
    return [
        {
            "sku": sku.code,
            "sale_price": rules.plain(prices[sku.code]) if sku.code in prices else None,
            "units": max(1, units),
            "buffer": min(buffer, max(1, units) - 1),
        }
        for sku in skus
    ]
