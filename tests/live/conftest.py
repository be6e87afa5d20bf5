"""What the tests of live share: a sale, and orders at exact instants."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.campaigns.models import Campaign
from console.orders import events, operations
from console.orders.models import Order
from tests import make

OPENED = make.NOW


@pytest.fixture
def sale(db: None) -> Campaign:
    """A sale that opened at OPENED, for two hours, with its gate."""
    make.gate("FS-1")
    made = make.campaign(code="FS-1", lines=0)
    Campaign.objects.filter(pk=made.pk).update(
        state="live",
        opens_at=OPENED,
        closes_at=OPENED + timedelta(hours=2),
        opened_at=OPENED,
        revenue_target=Decimal("2000.00"),
        expected_orders_peak=60,
    )
    made.refresh_from_db()
    return made


def pay(ref: str, *, units: int = 1, sku: str = "SKU-A", age_s: float = 0) -> Order:
    """An order accepted so many seconds after the opening, 100.00 a unit."""
    told = events.PaidOrder(
        ref=ref,
        campaign="FS-1",
        buyer=f"buyer of {ref}",
        currency="EUR",
        total=Decimal(100 * units),
        placed_at=OPENED,
        lines=(events.PaidLine(sku=sku, units=units, price=Decimal(100)),),
    )
    now = OPENED + timedelta(seconds=age_s)
    return operations.accept("shop", f"event {ref}", told, now=now).order
