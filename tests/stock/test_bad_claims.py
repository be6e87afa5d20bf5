"""What a reservation may not say, and what it may."""

from __future__ import annotations

import pytest

from console.stock.models import Reservation
from console.stock.rules import BadQuantity, BadRequest, Item
from tests import make
from tests.stock.test_holds import hold

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("units", [0, -1, 100_001])
def test_units_that_cannot_be_are_refused(units: int) -> None:
    one = make.allocation(quantity=10)
    make.gate()
    with pytest.raises(BadQuantity) as refused:
        hold(Item(one.sku.code, units))
    assert refused.value.field == "lines[0].units"


@pytest.mark.parametrize(
    "field,values",
    [
        ("buyer", {"buyer": ""}),
        ("buyer", {"buyer": "a\x00b"}),
        ("buyer", {"buyer": "x" * 129}),
        ("Idempotency-Key", {"key": "k" * 256}),
        ("ttl_s", {"ttl_s": 0}),
        ("ttl_s", {"ttl_s": 3601}),
        ("campaign", {"campaign": "F" * 21}),
    ],
)
def test_values_that_cannot_be_are_refused(field: str, values: dict) -> None:
    with pytest.raises(BadRequest) as refused:
        hold(Item("A", 1), **values)
    assert refused.value.field == field


def test_no_lines_and_too_many_lines_are_refused() -> None:
    for lines in ([], [Item(f"S{i}", 1) for i in range(51)]):
        with pytest.raises(BadRequest) as refused:
            hold(*lines)
        assert refused.value.field == "lines"


def test_texts_reach_the_database_as_they_are() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    odd = 'quote " back \\ slash {curly}, NULL é 漢'
    held = hold(Item(one.sku.code, 1), buyer=odd, key=odd)
    kept = Reservation.objects.get(pk=held.id)
    assert (kept.buyer, kept.key) == (odd, odd)
