"""A shop that fails at one SKU, says odd numbers, stops or comes back."""

from __future__ import annotations

import pytest

from console.providers.models import Connection
from console.stock import clock
from console.stock.queries.publishing import lag
from console.stock.rules.publishing import Publishing
from tests.stock.shopkit import Shelf, count_to, pass_time, row, stocked, tell

pytestmark = pytest.mark.django_db


def test_one_sku_the_shop_fails_at_holds_no_other_up(shop: Shelf) -> None:
    codes = stocked(shop, 9)
    shop.broken = {codes[4]}
    for _ in range(8):
        tell()
        pass_time(31)
    assert sorted(shop.units) == sorted({*codes} - shop.broken)
    assert row(codes[4]).state == Publishing.WAITING
    shop.broken = set()
    tell()
    assert sorted(shop.units) == sorted(codes)


def test_a_number_no_table_holds_is_kept_as_the_most(shop: Shelf) -> None:
    (code,) = stocked(shop)
    shop.units[code], shop.stubborn = 9_999_999_999, True
    tell()
    assert (row(code).shown, row(code).state) == (2**31 - 1, Publishing.WAITING)


def test_of_a_shop_that_is_stopped_nobody_knows_the_lag(shop: Shelf) -> None:
    (code,) = stocked(shop)
    tell()
    count_to(code, 9)
    tell()
    assert lag(now=clock.now()) is not None
    shop.fail = [401]
    count_to(code, 8)
    tell()
    assert lag(now=clock.now()) is None


def test_a_shop_that_comes_back_is_called_by_new_keys(shop: Shelf) -> None:
    (code,) = stocked(shop)
    tell()
    for enabled in (False, True):
        Connection.objects.update(enabled=enabled)
        tell()
    count_to(code, 7)
    tell()
    assert len(shop.keys) == len({*shop.keys}) == 3
