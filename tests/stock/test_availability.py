"""What shop pages are told is left, by the database's own clock."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from console.stock.models import Allocation, Reservation
from tests import make
from tests.stock.conftest import Door
from tests.stock.test_gate import asked, reserve
from tests.stock.test_line_calls import call

TTL_S = 2


def told(door: Door) -> tuple[datetime, dict[str, Any]]:
    """As of when, and of the one SKU what."""
    answer = call(door, "GET", "availability?campaign=FS-1").json()
    (one,) = answer["skus"]
    return datetime.fromisoformat(answer["as_of"]), one


def test_units_of_a_hold_are_there_from_the_instant_it_expires(door: Door) -> None:
    """Nobody swept: the hold is still written down as held, and counts no more."""
    one = make.allocation(quantity=3)
    make.gate()
    held = reserve(door, asked(one.sku.code, 3, ttl_s=TTL_S))
    ends = datetime.fromisoformat(held.json()["expires_at"])
    gone = {"sku": one.sku.code, "left": 0, "unavailable": "sold_out"}
    back = {"sku": one.sku.code, "left": 3, "unavailable": None}
    seen = []
    deadline = time.monotonic() + TTL_S + 10
    while back not in seen:
        assert time.monotonic() < deadline
        at, answer = told(door)
        seen.append(answer)
        assert at == ends or answer == (back if at > ends else gone)
        time.sleep(0.05)
    assert seen[0] == gone
    assert Reservation.objects.get().state == "held"
    assert Allocation.objects.get().taken == 3


def test_units_of_a_hold_that_expired_can_be_had_as_they_are_shown(door: Door) -> None:
    one = make.allocation(quantity=3)
    make.gate()
    assert reserve(door, asked(one.sku.code, 2, ttl_s=1)).status_code == 201
    assert reserve(door, asked(one.sku.code, 1, ttl_s=60)).status_code == 201
    deadline = time.monotonic() + 11
    while told(door)[1]["left"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told(door)[1]["left"] == 2
    assert reserve(door, asked(one.sku.code, 2)).status_code == 201
