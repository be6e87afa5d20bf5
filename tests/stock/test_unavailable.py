"""What shops are told of a SKU that cannot be had: sold out, or its last guarded."""

from __future__ import annotations

import httpx2 as http
import pytest

from console.stock import clock
from console.stock import operations as stock
from tests import make
from tests.stock.conftest import Door
from tests.stock.test_gate import asked, reserve

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_only_held_back_is_low_and_not_sold_out(door: Door) -> None:
    guarded = make.allocation(quantity=3, buffer=2)
    gone = make.sku()
    make.level(gone, units=2)
    more = stock.Altered(wants=[make.Want(gone.pk, 1), make.Want(make_left(), 5)])
    stock.alter("FS-1", more, actor=None, now=clock.now())
    make.gate()
    for code in (guarded.sku.code, gone.code):
        assert reserve(door, asked(code)).status_code == 201
    told = http.get(
        f"{door.url}/api/gate/v1/availability?campaign=FS-1",
        headers={"Authorization": f"Bearer {door.token}"},
    ).json()
    found = {one["sku"]: (one["left"], one["unavailable"]) for one in told["skus"]}
    assert found == {
        guarded.sku.code: (0, "low"),
        gone.code: (0, "sold_out"),
        "LEFT": (5, None),
    }


def make_left() -> int:
    """A SKU of which some can be had."""
    return make.level(make.sku("LEFT"), units=9).sku_id
