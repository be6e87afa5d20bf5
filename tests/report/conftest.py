"""What the tests of reports share: a sale with stock and lines, and paid orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.campaigns.models import Campaign, Line
from console.orders import events, operations
from console.orders.models import Destination, Order
from console.stock import operations as stock
from console.stock.rules import Item, Want
from tests import make

OPENED = make.NOW
CLOSED = OPENED + timedelta(hours=2)
CODE = "FS-1"


@pytest.fixture
def sale(db: None) -> Campaign:
    """A live sale since OPENED, without stock, and an ERP that takes its orders."""
    made = make.campaign(code=CODE, lines=0)
    Campaign.objects.filter(pk=made.pk).update(
        state="live",
        opens_at=OPENED,
        closes_at=CLOSED,
        opened_at=OPENED,
        revenue_target=Decimal("500.00"),
    )
    made.refresh_from_db()
    Destination.objects.create(
        name="ERP",
        connection="erp",
        limit_per_s=25,
        rate_per_s=20,
        since=OPENED - timedelta(days=1),
    )
    make.gate(CODE)
    return made


def offer(*lines: tuple[str, int, int]) -> None:
    """SKUs at 70.00 instead of 100.00, locked for the sale: code, units, buffer."""
    sale = Campaign.objects.get(code=CODE)
    wants = []
    for code, units, buffer in lines:
        sku = make.sku(code, variant="Black")
        make.level(sku, units=units)
        wants.append(Want(sku.pk, units, buffer))
        values = {"regular_price": 100, "sale_price": 70}
        values |= {"units": units, "buffer": buffer}
        Line.objects.create(campaign=sale, sku=sku, **values)
    stock.lock(CODE, wants=wants, actor=None, now=OPENED - timedelta(days=1))


def pay(
    ref: str, *, sku: str = "SKU-A", units: int = 1, age_s: float = 0, key: str = ""
) -> Order:
    """An order held, paid and accepted so many seconds after the opening."""
    now = OPENED + timedelta(seconds=age_s)
    held = stock.reserve(
        CODE, lines=[Item(sku, units)], buyer=ref, key=key or ref, now=now
    )
    told = events.PaidOrder(
        ref=ref,
        campaign=CODE,
        buyer=ref,
        reservation=held.id,
        currency="EUR",
        total=Decimal(70 * units),
        placed_at=now,
        lines=(events.PaidLine(sku=sku, units=units, price=Decimal(70)),),
    )
    return operations.accept("shop", f"event {ref}", told, now=now).order


def close(sale: Campaign) -> None:
    """Stop it, give its stock back, and call it closed."""
    stock.close_gate(CODE, now=CLOSED)
    stock.return_units(CODE, actor=None, now=CLOSED + timedelta(minutes=11))
    Campaign.objects.filter(pk=sale.pk).update(
        state="closed",
        ended_at=CLOSED,
        closed_at=CLOSED + timedelta(minutes=31),
    )
