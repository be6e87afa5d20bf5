"""The line under load: each unit is offered once, without the locks some are twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import connection

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from console.stock.rules import NotEnoughStock, StillInStock
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.test_line import hold, sold_out, states, tick, wait


@pytest.mark.django_db(transaction=True)
def test_sixteen_who_hand_on_at_once_offer_each_unit_once() -> None:
    one, held = sold_out(10)
    for number in range(16):
        wait(one, f"b{number}")
    stock.ring(now=NOW)
    stock.release(held, now=NOW)
    got = in_parallel(16, lambda _: stock.offer(now=NOW))
    assert sum(x for x in got if isinstance(x, int)) == 10, got
    assert states() == ["offered"] * 10 + ["waiting"] * 6
    assert Allocation.objects.get().sellable == 0
    assert queries.violations() == []


@pytest.fixture
def careless(no_constraint: None) -> Iterator[None]:
    """Nobody is stopped from promising what is not there."""
    with connection.cursor() as cursor:
        yield
        cursor.execute("DELETE FROM stock_waiter")


@pytest.mark.usefixtures("careless")
def test_control_handing_on_without_the_locks_offers_units_twice() -> None:
    one, held = sold_out(3)
    for number in range(16):
        wait(one, f"b{number}")
    stock.release(held, now=NOW)

    def act(number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sellable FROM stock_allocation")
            ((left,),) = cursor.fetchall()
            cursor.execute("SELECT pg_sleep(0.05)")
            if left:
                cursor.execute(
                    "UPDATE stock_waiter SET state = 'offered' WHERE buyer = %s",
                    [f"b{number}"],
                )
                cursor.execute("UPDATE stock_allocation SET taken = taken + 1")
        return bool(left)

    assert in_parallel(16, act).count(True) > 3
    assert states().count("offered") > 3
    assert Allocation.objects.get(pk=one.pk).sellable < 0


@pytest.mark.django_db(transaction=True)
def test_joining_leaving_buying_and_handing_on_at_once_keep_the_books() -> None:
    one, held = sold_out(6)
    stock.ring(now=NOW)

    def act(number: int) -> None:
        for turn in range(6):
            key = f"{number}-{turn}"
            if number == 0:
                stock.offer(now=NOW)
            elif number == 1:
                _buy_and_drop(one, key)
            else:
                _come_and_go(one, key, turn)

    def after(number: int) -> None:
        if number == 0:
            stock.release(held, now=NOW)
        act(number)

    got = in_parallel(8, after)
    assert got == [None] * 8, got
    while tick():
        pass
    assert Allocation.objects.get().sellable >= 0
    assert queries.violations() == []


def _buy_and_drop(one: Allocation, key: str) -> None:
    with suppress(NotEnoughStock):
        stock.release(hold(one, 1, key).id, now=NOW)


def _come_and_go(one: Allocation, key: str, turn: int) -> None:
    with suppress(StillInStock):
        mine = wait(one, key)
        if turn % 2:
            stock.leave(mine.id, now=NOW)
