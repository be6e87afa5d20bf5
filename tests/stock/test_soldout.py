"""What a gate knows to be sold out: who comes too late never reaches the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import httpx2
import psycopg
import pytest

from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation, Level
from console.stock.rules import Item, Reason, claim
from console.stock.rules.waves import Tranche
from console.stock.soldout import LONGEST_S, Granted
from tests import make
from tests.stock.conftest import Door
from tests.stock.gatekit import database_of_tests
from tests.stock.test_gate import asked, post, reserve


@contextmanager
def nobody_reserves() -> Iterator[None]:
    """While this lasts no batch can be decided: the table of allocations is locked."""
    with psycopg.connect(database_of_tests()) as db:
        db.execute("LOCK TABLE stock_allocation IN EXCLUSIVE MODE")
        yield
        db.rollback()


def sell_out(door: Door, **more: object) -> tuple[Allocation, httpx2.Response]:
    """An allocation of one unit, held; and its flag is set."""
    one = make.allocation(quantity=1)
    make.gate()
    held = reserve(door, asked(one.sku.code, **more), "first")
    assert held.status_code == 201
    assert eventually(lambda: flagged(door, one)), "it was never flagged"
    return one, held


def flagged(door: Door, one: Allocation) -> bool:
    """Whether the gate answers without the database."""
    assert reserve(door, asked(one.sku.code)).status_code == 409
    time.sleep(0.05)
    with nobody_reserves():
        began = time.monotonic()
        told = reserve(door, asked(one.sku.code))
        took = time.monotonic() - began
    return told.status_code == 409 and took < 0.5


def eventually(happened: Callable[[], bool], *, within_s: float = 5.0) -> float:
    """Seconds until it did, 0 for never."""
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        if happened():
            return time.monotonic() - began
        time.sleep(0.01)
    return 0.0


def granted(door: Door, one: Allocation) -> bool:
    return reserve(door, asked(one.sku.code)).status_code == 201


def test_who_comes_too_late_is_told_as_before_without_the_database(door: Door) -> None:
    one, _ = sell_out(door)
    with nobody_reserves():
        told = reserve(door, asked(one.sku.code, 3))
    assert told.json() == {
        "code": "not_enough_stock",
        "message": f"{one.sku.code}: 0 left to sell.",
        "field": "lines[0].units",
        "detail": {"sku": one.sku.code, "left": 0},
    }


@pytest.mark.parametrize(
    "units,more,code,field",
    [
        ([0], {}, "bad_quantity", "lines[0].units"),
        ([100_001], {}, "bad_quantity", "lines[0].units"),
        ([1, 0], {}, "bad_quantity", "lines[1].units"),
        ([1] * 51, {}, "bad_request", "lines"),
        ([1], {"ttl_s": 0}, "bad_request", "ttl_s"),
    ],
)
def test_a_late_request_with_a_number_that_cannot_be_is_told_so(
    door: Door, units: list[int], more: dict[str, object], code: str, field: str
) -> None:
    one, _ = sell_out(door)
    lines = [{"sku": one.sku.code, "units": count} for count in units]
    with nobody_reserves():
        told = reserve(door, asked(one.sku.code, lines=lines, **more))
    assert (told.status_code, told.json()["code"]) == (422, code)
    assert told.json()["field"] == field


def test_a_late_request_without_a_key_is_told_so(door: Door) -> None:
    one, _ = sell_out(door)
    with nobody_reserves():
        told = post(door, "reservations", asked(one.sku.code))
    assert (told.status_code, told.json()["field"]) == (422, "Idempotency-Key")


def test_the_texts_of_a_late_request_are_not_looked_at(door: Door) -> None:
    one, _ = sell_out(door)
    with nobody_reserves():
        told = reserve(door, asked(one.sku.code, buyer=""))
        odd = reserve(door, asked(one.sku.code, buyer="\ud800"))
    assert (told.status_code, told.json()["code"]) == (409, "not_enough_stock")
    assert (odd.status_code, odd.json()["code"]) == (409, "not_enough_stock")


def test_a_unit_that_is_released_can_be_had_at_once(door: Door) -> None:
    one, held = sell_out(door)
    stock.release(UUID(held.json()["id"]), now=clock.now())
    assert 0 < eventually(lambda: granted(door, one)) < LONGEST_S / 2


def test_a_top_up_is_sold_at_once(door: Door) -> None:
    one, _ = sell_out(door)
    where = Level.objects.get(sku=one.sku).location_id
    more = {"units": 1, "reason": Reason.RECEIPT, "actor": None, "now": clock.now()}
    stock.receive(one.sku_id, where, **more)
    size = {"quantity": 2, "buffer": 0, "version": one.version}
    stock.resize(one.pk, **size, actor=None, now=clock.now())
    assert 0 < eventually(lambda: granted(door, one)) < LONGEST_S / 2


def test_a_wave_that_starts_is_sold_at_once(door: Door) -> None:
    one = make.allocation(quantity=2)
    plan = [Tranche(Decimal(50), after_s=3600)]
    stock.plan_waves("FS-1", plan, seen=[], actor=None, now=clock.now())
    stock.open_gate("FS-1", now=clock.now())
    assert reserve(door, asked(one.sku.code), "first").status_code == 201
    assert eventually(lambda: flagged(door, one)), "it was never flagged"
    stock.open_next_wave("FS-1", actor=None, now=clock.now())
    assert 0 < eventually(lambda: granted(door, one)) < LONGEST_S / 2


def test_a_hold_that_expires_can_be_had_from_that_instant(door: Door) -> None:
    one, held = sell_out(door, ttl_s=5)
    assert eventually(lambda: granted(door, one), within_s=10)
    ends = datetime.fromisoformat(held.json()["expires_at"])
    assert 0 <= (datetime.now(UTC) - ends).total_seconds() < 0.5


def test_a_pause_is_told_at_once(door: Door) -> None:
    one, _ = sell_out(door)
    stock.pause_gate("FS-1", now=clock.now())

    def paused() -> bool:
        return reserve(door, asked(one.sku.code)).json()["code"] == "gate_paused"

    assert 0 < eventually(paused) < LONGEST_S / 2


def test_a_granted_request_that_is_sent_again_gets_its_answer_again(door: Door) -> None:
    one, held = sell_out(door)
    again = reserve(door, asked(one.sku.code), "first")
    assert (again.status_code, again.content) == (201, held.content)
    other = reserve(door, asked(one.sku.code, 2), "first")
    assert other.json()["code"] == "idempotency_mismatch"


def test_units_that_come_and_go_are_never_refused_for_long(door: Door) -> None:
    """Each release races with the look that flags the SKU again."""
    one, held = sell_out(door)
    for _ in range(20):
        assert reserve(door, asked(one.sku.code)).status_code == 409
        stock.release(UUID(held.json()["id"]), now=clock.now())
        began = time.monotonic()
        while (held := reserve(door, asked(one.sku.code))).status_code != 201:
            assert time.monotonic() - began < LONGEST_S / 2
    assert queries.violations() == []


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_granted_keys_are_known_and_others_are_not(count: int) -> None:
    granted = [digest(number) for number in range(count)]
    known = Granted()
    for half in (granted[::2], granted[1::2], granted[:3]):
        known.add(b"".join(UUID(one).bytes[:8] for one in half), newest=None)
    assert all(one in known for one in granted)
    assert not any(digest(number) in known for number in range(count, count + 500))


def digest(number: int) -> str:
    lines = [Item("S", 1)]
    return claim("c", str(number), campaign="F", buyer="b", lines=lines).digest
