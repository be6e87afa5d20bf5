"""SKUs that a sale drops, adds and locks anew."""

from __future__ import annotations

import pytest

from console.stock import operations as stock
from console.stock import queries
from console.stock.operations import Altered
from console.stock.rules import Item, NotEnoughStock, Want
from tests import make
from tests.make import NOW
from tests.stock.test_locks import free, lock

pytestmark = pytest.mark.django_db


def test_a_sku_dropped_twice_goes_back_once() -> None:
    level = make.level(units=30)
    lock(Want(level.sku_id, 20))
    gone = Altered(dropped=[level.sku_id])
    for _ in range(2):
        stock.alter("FS-1", gone, actor=None, now=NOW)
    assert free(level.sku_id) == 30
    assert queries.violations() == []


def test_what_a_sale_sold_and_gave_back_is_not_added_again() -> None:
    one = make.allocation(quantity=5)
    make.gate()
    line = [Item(one.sku.code, 1)]
    held = stock.reserve("FS-1", lines=line, buyer="b", key="k", now=NOW)
    stock.confirm(held.id, order="O-1", now=NOW)
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", actor=None, now=NOW)
    again = Altered(wants=[Want(one.sku_id, 2)])
    with pytest.raises(NotEnoughStock, match=one.sku.code) as refused:
        stock.alter("FS-1", again, actor=None, now=NOW)
    assert refused.value.field == "sku"


def test_a_sale_locked_anew_without_a_sku_keeps_the_books() -> None:
    kept, gone = make.level(units=30), make.level(units=30)
    lock(Want(kept.sku_id, 20), Want(gone.sku_id, 20))
    stock.return_units("FS-1", actor=None, now=NOW)
    lock(Want(kept.sku_id, 10))
    assert (free(kept.sku_id), free(gone.sku_id)) == (20, 30)
    assert queries.violations() == []
