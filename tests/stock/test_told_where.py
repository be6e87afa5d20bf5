"""Which shops are told the units of a sale, and of units that are not there yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.campaigns.operations import plans
from console.providers.models import Connection
from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation
from tests import make
from tests.make import NOW
from tests.stock.shopkit import Shelf, shelf, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(shop: Shelf) -> Iterator[Shelf]:
    """A shop of another market."""
    with shelf("other") as one:
        yield one


def test_a_sale_is_told_to_its_shops_and_what_is_free_to_all(
    shop: Shelf, other: Shelf
) -> None:
    one = make.allocation(quantity=10)
    make.level(one.sku, units=4)
    stock.open_gate("FS-1", shops=["shop"], now=NOW)
    for each in (shop, other):
        each.sold.add(one.sku.code)
    tell()
    assert (shop.units, other.units) == ({one.sku.code: 14}, {one.sku.code: 4})


def test_control_a_sale_that_names_no_shop_is_told_to_all(
    shop: Shelf, other: Shelf
) -> None:
    one = make.allocation(quantity=10)
    make.gate()
    for each in (shop, other):
        each.sold.add(one.sku.code)
    tell()
    assert shop.units == other.units == {one.sku.code: 10}


def test_the_shops_of_a_sale_are_those_its_plan_sets_prices_in() -> None:
    made = make.armed()
    assert plans.shops_of(made) is None
    make.connection("shop-fr", "sandbox_shop")
    assert plans.shops_of(made) == [], "of another market"
    key = f"campaign:{made.code}/{made.round}/prices"
    values = {"plan": made.plan, "target": "shop-de"}
    make.step(key, "prices.apply", wanted={"prices": {}}, **values)
    assert plans.shops_of(made) == ["shop-de"]


def early(units: int = 3) -> Allocation:
    """A sale of five units and so many that are not there."""
    one = make.allocation(quantity=5)
    make.gate()
    return stock.set_backorder(
        one.pk,
        units=units,
        promise_at=None,
        version=one.version,
        actor=None,
        now=clock.now(),
    )


def test_shops_are_told_only_of_units_that_are_there(shop: Shelf) -> None:
    one = early()
    shop.sold.add(one.sku.code)
    tell()
    assert shop.units == {one.sku.code: 5}


def test_a_shop_that_wants_to_is_told_of_all_that_may_be_sold(shop: Shelf) -> None:
    one = early()
    shop.sold.add(one.sku.code)
    Connection.objects.update(options={"publish_backorder": True})
    tell()
    assert shop.units == {one.sku.code: 8}
    Connection.objects.update(options={})
    tell()
    assert shop.units == {one.sku.code: 5}
