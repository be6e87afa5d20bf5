"""A sale with a bit of everything, for tests that change a balance behind its back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Reservation
from console.stock.operations import LevelSize
from console.stock.rules import Item, Want
from tests import make
from tests.make import NOW

WHO = {"actor": None, "now": NOW}
HOUR = timedelta(hours=1)


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def _paid(code: str, units: int, key: str) -> UUID:
    held = stock.reserve("FS-1", lines=[Item(code, units)], buyer="b", key=key, now=NOW)
    stock.confirm(held.id, order=f"O-{key}", now=NOW)
    return held.id


def a_sale() -> Allocation:
    """Two places, a buffer at each floor, 3 units paid, 2 held, 1 cancelled; paused."""
    sku = make.sku("SHELL")
    near, far = make.location("Near", position=1), make.location("Far", position=2)
    make.level(sku, units=15, at=far)
    level = make.level(sku, units=10, at=near)
    size = LevelSize(on_hand=10, committed=1, buffer=1)
    stock.adjust(level.pk, size=size, version=level.version, reason="count", **WHO)
    (one,) = stock.lock("FS-1", wants=[Want(sku.pk, 13, 2)], **WHO)
    make.gate()
    _paid("SHELL", 3, "a")
    cancelled = _paid("SHELL", 1, "c")
    stock.cancel_sale(cancelled, **WHO)
    stock.reserve("FS-1", lines=[Item("SHELL", 2)], buyer="b", key="b", now=NOW)
    stock.pause_gate("FS-1", now=NOW)
    assert queries.violations() == [] and queries.drifts() == []
    return one


def late_order() -> None:
    """Two units paid after they had gone to somebody else: one is short."""
    one = make.allocation(quantity=2, of=make.sku("CAP"), campaign="FS-2")
    make.gate(campaign="FS-2", hold_ttl_s=60)
    for units, key, at in ((2, "late", NOW - 3 * HOUR), (1, "soon", NOW - 2 * HOUR)):
        line = [Item(one.sku.code, units)]
        held = stock.reserve("FS-2", lines=line, buyer=key, key=key, now=at)
        if key == "soon":
            stock.confirm(held.id, order="O-soon", now=at)
    late = Reservation.objects.get(buyer="late")
    assert stock.confirm(late.pk, order="O-late", now=NOW).shortfall == 1
    stock.pause_gate("FS-2", now=NOW)
