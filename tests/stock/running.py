"""A running sale with units in every place."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from console.stock import operations as stock
from console.stock.models import Allocation
from console.stock.rules import Item
from tests import make


def a_sale(skus: int = 1) -> list[Allocation]:
    """A running sale with one paid, one held and one expired unit of each SKU."""
    now = timezone.now()
    codes = [make.sku() for _ in range(skus)]
    for sku in codes:
        make.level(sku, units=30)
    wants = [make.Want(sku.pk, 20, 2) for sku in codes]
    locked = stock.lock("FS-1", wants=wants, actor=None, now=now)
    make.gate()
    for sku in codes:
        line = [Item(sku.code, 1)]
        past = now - timedelta(seconds=601)
        for at in (now, now, past):
            held = stock.reserve(
                "FS-1", lines=line, buyer="ann", key=uuid4().hex, now=at
            )
            if at == now:
                last = held
        stock.confirm(last.id, order=f"O-{sku.code}", now=now)
    return locked
