"""How large a buffer can be beside what buyers hold and bought."""

from __future__ import annotations

import pytest

from console.stock import operations as stock
from console.stock import queries
from console.stock.rules import NotEnoughStock
from tests.make import NOW
from tests.stock.test_backorders import ACT, backordered, hold

pytestmark = pytest.mark.django_db


def test_what_can_be_held_back_is_what_a_resize_takes() -> None:
    one = backordered(10, 5, buffer=4)
    hold(one, 8, "a")
    one.refresh_from_db()
    most = queries.row(one.pk, now=NOW).can_hold_back
    size = {"quantity": 10, "version": one.version, **ACT}
    with pytest.raises(NotEnoughStock):
        stock.resize(one.pk, buffer=most + 1, **size)
    assert stock.resize(one.pk, buffer=most, **size).buffer == most == 4
