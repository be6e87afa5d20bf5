"""What shops were given to say about the last units of a sale."""

from __future__ import annotations

from django.db.models import QuerySet

from console.stock.models import ScarcityText


def shown(campaign: str) -> QuerySet[ScarcityText]:
    """Every text of a sale with its SKU, by SKU and time."""
    rows = ScarcityText.objects.filter(campaign=campaign).select_related("sku")
    return rows.order_by("sku__code", "from_at", "pk")
