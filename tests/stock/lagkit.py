"""Shops that were told a change so many seconds late."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from console.stock.models import Shopfront, Shown
from console.stock.rules.publishing import Publishing
from tests import make


def showed(within_s: str, *, at: datetime, shop: str = "store") -> None:
    """This shop's last change was read back so late; what was before is forgotten."""
    times = ("changed_at", "moved_at", "shown_at", "read_at", "ready_at")
    Shopfront.objects.get_or_create(connection=shop)
    Shown.objects.filter(connection=shop).delete()
    Shown.objects.create(
        connection=shop,
        sku=make.sku(),
        wanted=1,
        shown=1,
        state=Publishing.SHOWN,
        lag_ms=Decimal(within_s) * 1000,
        **dict.fromkeys(times, at),
    )
