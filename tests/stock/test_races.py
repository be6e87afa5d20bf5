"""Races for the last units, in pairs: the guard holds, and without it they are lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from console.stock import operations as stock
from console.stock import queries, sqlcalls
from console.stock.models import Allocation, Reservation
from console.stock.rules import GatePaused, Item, NotEnoughStock, Want, claim
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.longer import short_and_long
from tests.stock.ourcode import (
    FOUND_AGAIN,
    LOCKED_GATES,
    LOCKED_SKUS,
    SKUS_READ,
    ours,
    race,
    until_waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def buy(code: str, units: int = 1, *, key: str = "", now=NOW) -> bool:
    stock.reserve(
        "FS-1",
        lines=[Item(code, units)],
        buyer="b",
        key=key or uuid4().hex,
        now=now,
    )
    return True


def eight_buyers(*, without: Sequence[str] = ()) -> list[bool | Exception]:
    """What they got of three units, all taking what they saw at once."""
    one = make.allocation(quantity=3)
    make.gate()
    act = lambda _: buy(one.sku.code)  # noqa: E731
    return race(8, act, "reserve", stop=SKUS_READ, without=without)


@pytest.mark.usefixtures("no_constraint")
def test_eight_buyers_three_units() -> None:
    """The lock alone does it: the CHECK behind it is taken away."""
    got = eight_buyers()
    assert got.count(True) == 3
    assert sum(isinstance(x, NotEnoughStock) for x in got) == 5
    assert Allocation.objects.get().sellable == 0
    assert queries.violations() == []


@pytest.mark.usefixtures("no_constraint")
def test_control_without_the_lock_more_than_three_of_the_eight_get_one() -> None:
    assert eight_buyers(without=[LOCKED_SKUS]).count(True) > 3
    assert Allocation.objects.get().sellable < 0


def test_the_same_key_from_sixteen_sides_holds_once() -> None:
    one = make.allocation(quantity=50)
    make.gate()
    got = in_parallel(16, lambda _: buy(one.sku.code, key="the-same"))
    assert got == [True] * 16
    assert Reservation.objects.count() == 1
    assert Allocation.objects.get().taken == 1
    assert queries.violations() == []


def test_control_without_looking_it_up_the_same_key_meets_the_constraint() -> None:
    one = make.allocation(quantity=50)
    make.gate()
    with ours("reserve", without=[FOUND_AGAIN]):
        got = in_parallel(4, lambda _: buy(one.sku.code, key="the-same"))
    assert got.count(True) == 1
    assert sum(isinstance(x, IntegrityError) for x in got) == 3


def test_the_same_key_with_different_bodies_holds_one_of_them() -> None:
    one = make.allocation(quantity=50)
    make.gate()
    got = in_parallel(8, lambda n: buy(one.sku.code, 1 + n % 2, key="the-same"))
    assert 0 < got.count(True) < 8
    assert Reservation.objects.count() == 1
    assert queries.violations() == []


@short_and_long("turns", 5, 200)
def test_crossing_baskets_do_not_deadlock(turns: int) -> None:
    skus = [make.sku() for _ in range(2)]
    for sku in skus:
        make.level(sku, units=8 * turns)
    stock.lock(
        "FS-1",
        wants=[Want(sku.pk, 8 * turns) for sku in skus],
        actor=None,
        now=NOW,
    )
    make.gate()

    def basket(number: int) -> bool:
        order = skus if number % 2 else skus[::-1]
        lines = [Item(sku.code, 1) for sku in order]
        for _ in range(turns):
            stock.reserve("FS-1", lines=lines, buyer="b", key=uuid4().hex, now=NOW)
        return True

    assert in_parallel(8, basket) == [True] * 8
    assert [one.sellable for one in Allocation.objects.all()] == [0, 0]
    assert queries.violations() == []


def test_expiring_paying_and_taking_again_at_the_same_instant() -> None:
    """Sixteen holds expire while half of them pay and others take what is free."""
    one = make.allocation(quantity=16)
    make.gate(hold_ttl_s=60)
    held = [
        stock.reserve(
            "FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key=f"k{n}", now=NOW
        )
        for n in range(16)
    ]
    later = NOW + timedelta(seconds=60)

    def act(number: int) -> bool:
        if number % 2:
            stock.confirm(held[number].id, order=f"O-{number}", now=later)
            return True
        return buy(one.sku.code, now=later)

    got = in_parallel(16, act)
    assert got.count(True) == 16
    assert Allocation.objects.get().sellable >= 0
    assert queries.violations() == []


def paused_while_they_buy(*, without: Sequence[str] = ()) -> tuple[int, int, int]:
    """Reservations there were when pausing returned, there are, and were answered.

    Five are being decided when somebody pauses.
    """
    one = make.allocation(quantity=1000)
    make.gate()
    paused: list[int] = []

    def act(number: int) -> int:
        if number == 0:
            until_waiting(5)
            stock.pause_gate("FS-1", now=NOW)
            paused.append(Reservation.objects.count())
            return 0
        done = 0
        for _ in range(40):
            try:
                done += buy(one.sku.code)
            except GatePaused:
                break
        return done

    got = race(6, act, "reserve", stop=SKUS_READ, without=without)
    granted = [x for x in got if isinstance(x, int)]
    assert len(granted) == 6, got
    return paused[0], Reservation.objects.count(), sum(granted)


def test_a_paused_gate_lets_nobody_through_after_it_returned() -> None:
    at_once, at_last, answered = paused_while_they_buy()
    assert 0 < at_once == at_last == answered


def test_control_a_pause_that_waits_for_nobody_lets_some_through() -> None:
    at_once, at_last, _ = paused_while_they_buy(without=[LOCKED_GATES])
    assert at_last > at_once


def beside_who_gives_back(*, ended: bool) -> object:
    """What a batch for two sales is told while one's allocations are locked."""
    skus = [make.allocation(quantity=3, campaign=code).sku for code in ("FS-1", "FS-2")]
    make.gate("FS-1"), make.gate("FS-2")
    if ended:
        stock.close_gate("FS-2", now=NOW)
    batch = [
        claim("shop", f"k{n}", campaign=f"FS-{n}", buyer="b", lines=[Item(sku.code, 1)])
        for n, sku in enumerate(skus, 1)
    ]
    locked, told = Event(), Event()

    def act(number: int) -> list[str]:
        with transaction.atomic(), connection.cursor() as cursor:
            if number:
                stock.ledger.locked_allocations(
                    Allocation.objects.filter(campaign="FS-2")
                )
                locked.set()
                told.wait(10)
                return []
            locked.wait(10)
            try:
                cursor.execute("SET LOCAL lock_timeout = '300ms'")
                cursor.execute(sqlcalls.RESERVE, sqlcalls.reserve_values(batch, NOW))
                return [row[1] for row in cursor.fetchall()]
            finally:
                told.set()

    return in_parallel(2, act)[0]


def test_nobody_waits_for_a_sale_that_is_over_and_gives_its_stock_back() -> None:
    assert beside_who_gives_back(ended=True) == ["held", "gate_closed"]


def test_control_the_stock_of_an_open_sale_is_waited_for() -> None:
    assert isinstance(beside_who_gives_back(ended=False), OperationalError)
