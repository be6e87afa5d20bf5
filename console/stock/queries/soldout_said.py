"""What a sale says of its units being gone, as it is kept for another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from console.stock.models import SoldOutPolicy


def sold_out_said(campaign: str, skus: Collection[int]) -> list[dict[str, Any]]:
    """What is said of the whole sale, and of these SKUs: ways and where they lead.

    skus: ids. JSON-safe; `skus` of an answer are codes, None for the whole sale.
    """
    said: dict[tuple[str, str, bool], list[str]] = {}
    rows = SoldOutPolicy.objects.filter(campaign=campaign).order_by("pk")
    found = rows.values_list("way", "to", "sku", "sku__code")
    for way, to, pk, code in found:
        if pk is None:
            said[way, to, False] = []
        elif pk in skus:
            said.setdefault((way, to, True), []).append(code)
    return [
        {"way": way, "to": to, "skus": codes if of_some else None}
        for (way, to, of_some), codes in said.items()
    ]
