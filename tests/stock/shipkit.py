"""A sale with sold units, for tests of what becomes of them."""

from __future__ import annotations

from uuid import UUID

from console.stock import operations as stock
from console.stock.models import Level
from console.stock.rules import Item
from tests import make
from tests.make import NOW

WHO = {"actor": None, "now": NOW}


def paid(*lines: tuple[str, int], key: str = "k", campaign: str = "FS-1") -> UUID:
    items = [Item(code, units) for code, units in lines]
    held = stock.reserve(campaign, lines=items, buyer="b", key=key, now=NOW)
    stock.confirm(held.id, order=f"O-{key}", now=NOW)
    return held.id


def close() -> None:
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", **WHO)


def one_sold(units: int = 5, *, closed: bool = True) -> tuple[str, UUID]:
    one = make.allocation(quantity=10)
    make.gate()
    sold = paid((one.sku.code, units))
    if closed:
        close()
    return one.sku.code, sold


def level() -> tuple[int, int, int]:
    one = Level.objects.get()
    return one.on_hand, one.committed, one.free
