"""What a sale asks for a unit of each of its SKUs."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from console.campaigns.models import Line


def prices(code: str, skus: Collection[str]) -> dict[str, tuple[Decimal, str]]:
    """Sale price and currency by SKU code, of those of these that the sale has."""
    lines = Line.objects.filter(campaign__code=code, sku__code__in=skus)
    rows = lines.values_list("sku__code", "sale_price", "campaign__currency")
    return {sku: (price, currency) for sku, price, currency in rows}
