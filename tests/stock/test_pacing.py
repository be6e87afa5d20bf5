"""How fast a sale's units go, told by its holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from console.stock.queries import pacing
from console.stock.rules import Item
from console.stock.rules.pace import Pace
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def took(one: Allocation, units: int, at: datetime) -> stock.Held:
    key = f"{units} at {at}"
    return stock.reserve(
        one.campaign, lines=[Item(one.sku.code, units)], buyer=key, key=key, now=at
    )


def pace_of(one: Allocation, now: datetime) -> Pace:
    found = queries.paces(one.campaign, [one.pk], now=now)
    return found[one.pk]


def test_the_first_minute_is_a_minute_and_not_five() -> None:
    one = make.allocation()
    make.gate()
    took(one, 12, NOW + MINUTE / 2)
    assert pace_of(one, NOW + MINUTE) == Pace(12, 1.0)


def test_later_it_is_the_last_five_and_released_holds_do_not_count() -> None:
    one = make.allocation()
    make.gate()
    took(one, 7, NOW + MINUTE)
    took(one, 5, NOW + 8 * MINUTE)
    gone = took(one, 2, NOW + 9 * MINUTE)
    stock.release(gone.id, now=NOW + 9 * MINUTE)
    assert pace_of(one, NOW + 10 * MINUTE) == Pace(5, 5.0)


def test_who_sells_nothing_has_the_pace_of_none() -> None:
    one = make.allocation()
    make.gate()
    assert pace_of(one, NOW + 10 * MINUTE) == Pace(0, 5.0)


def test_a_sale_that_takes_no_reservations_has_none() -> None:
    one = make.allocation()
    assert queries.paces(one.campaign, [one.pk], now=NOW) == {}


def test_of_a_rush_only_the_newest_holds_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "MOST_HOLDS", 4)
    one = make.allocation()
    make.gate()
    for second in range(10):
        took(one, 1, NOW + timedelta(seconds=6 * second))
    told = pace_of(one, NOW + MINUTE)
    assert (told.units, told.minutes) == (4, pytest.approx(24 / 60))
