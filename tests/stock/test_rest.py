"""What is left is settled however often it is told, and a return keeps its state."""

from __future__ import annotations

import pytest
from django.db import transaction

from console.errors import Refusal
from console.stock import operations as stock
from console.stock import queries
from console.stock.operations import Parcel, Settled
from tests.stock.shipkit import WHO, level, one_sold

pytestmark = pytest.mark.django_db


def refused(act: object) -> Refusal:
    with pytest.raises(Refusal) as found, transaction.atomic():
        act()  # type: ignore[operator]
    return found.value


def test_told_again_without_a_name_it_sends_what_is_left() -> None:
    code, sold = one_sold(5)
    stock.ship(sold, [Parcel(code, 2)], **WHO)
    assert stock.ship(sold, **WHO) == Settled({code: 3})
    assert stock.ship(sold, **WHO) == Settled({code: 5}, replayed=True)
    assert level() == (5, 0, 5)
    assert queries.violations() == []


def test_what_came_back_bit_by_bit_is_taken_each_time() -> None:
    code, sold = one_sold(5)
    for units in (2, 3):
        stock.ship(sold, [Parcel(code, units)], line=f"p{units}", **WHO)
        assert stock.take_back(sold, **WHO) == Settled({code: units})
    assert stock.take_back(sold, **WHO) == Settled({code: 5}, replayed=True)
    assert level() == (10, 0, 10)
    assert queries.violations() == []


def test_a_return_told_again_as_damaged_is_refused() -> None:
    code, sold = one_sold(5)
    stock.ship(sold, **WHO)
    stock.take_back(sold, [Parcel(code, 2)], line="r1", **WHO)
    again = {"line": "r1", "damaged": True, **WHO}
    why = refused(lambda: stock.take_back(sold, [Parcel(code, 2)], **again))
    assert (why.code, why.field) == ("other_units", "damaged")
    assert "as not damaged" in why.message
    assert refused(lambda: stock.take_back(sold, **again)).code == "other_units"
    stock.take_back(sold, damaged=True, **WHO)
    assert refused(lambda: stock.take_back(sold, **WHO)).code == "other_units"
    assert stock.take_back(sold, damaged=True, **WHO).replayed
    assert level() == (7, 0, 7)
    assert queries.violations() == []
