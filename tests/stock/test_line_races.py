"""The line under load: each unit is offered once, without the locks some are twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from console.stock import operations as stock
from console.stock import queries, sqlcalls
from console.stock.models import Allocation, Reservation, Waiter
from console.stock.rules import NotEnoughStock, StillInStock, Want
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.ourcode import (
    OFFERED_SKUS,
    ONE_OFFERER,
    PICKED,
    THERE_READ,
    race,
    until_waiting,
)
from tests.stock.test_line import hold, sold_out, states, tick, wait


def sixteen_hand_on(*, without: Sequence[str] = ()) -> list[int | Exception]:
    """How many each moved on of the ten that can be, all seeing the same ones wait."""
    one, held = sold_out(10)
    for number in range(16):
        wait(one, f"b{number}")
    stock.ring(now=NOW)
    stock.release(held, now=NOW)
    return race(16, lambda _: offer_once(), "offers", stop=PICKED, without=without)


def offer_once() -> int:
    """As `stock.offer`, which would try again after it met a constraint."""
    with connection.cursor() as cursor:
        cursor.execute(sqlcalls.OFFER, [NOW, 60, 100])
        ((moved,),) = cursor.fetchall()
    return int(moved)


@pytest.mark.django_db(transaction=True)
def test_sixteen_who_hand_on_at_once_offer_each_unit_once() -> None:
    got = sixteen_hand_on()
    assert (got.count(10), got.count(0)) == (1, 15), got
    assert states() == ["offered"] * 10 + ["waiting"] * 6
    assert Allocation.objects.get().sellable == 0
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_handing_on_without_the_locks_offers_twice_to_the_same() -> None:
    """What the constraints refuse, as one buyer is offered the same twice."""
    got = sixteen_hand_on(without=[ONE_OFFERER, OFFERED_SKUS])
    assert any(isinstance(x, IntegrityError) for x in got), got


def bought_while_offered(*, without: Sequence[str] = ()) -> list[object]:
    """What they got: one hands a unit on, and another buys it meanwhile."""
    one, held = sold_out(1)
    wait(one, "first")
    stock.release(held, now=NOW)

    def buy() -> bool:
        until_waiting(1)
        return bool(hold(one, 1, "quick"))

    acts = [lambda: stock.offer(now=NOW), buy]
    act = lambda n: acts[n]()  # noqa: E731
    return race(2, act, "offers", stop=THERE_READ, without=without)


@pytest.mark.django_db(transaction=True)
def test_who_buys_while_a_unit_is_offered_does_not_get_it() -> None:
    offered, bought = bought_while_offered()
    assert offered == 1 and isinstance(bought, NotEnoughStock)
    assert queries.violations() == []


@pytest.mark.usefixtures("careless")
def test_control_without_the_lock_a_unit_is_bought_while_it_is_offered() -> None:
    assert bought_while_offered(without=[OFFERED_SKUS]) == [1, True]
    assert Allocation.objects.get().sellable == -1


@pytest.fixture
def careless(no_constraint: None) -> Iterator[None]:
    """Nobody is stopped from promising what is not there."""
    with connection.cursor() as cursor:
        yield
        cursor.execute("DELETE FROM stock_waiter")


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


@pytest.mark.django_db
def test_one_transaction_moves_so_many_whatever_they_wait_for() -> None:
    skus = [make.level(units=9).sku for _ in range(2)]
    wants = [Want(sku.pk, 9) for sku in skus]
    first, second = stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    hold(first, 9, "one"), hold(second, 9, "other")
    for number in range(9):
        wait(first, f"a{number}"), wait(second, f"b{number}")
    lines = Reservation.objects.filter(state="held").values_list("pk", flat=True)
    for pk in list(lines):
        stock.release(pk, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(sqlcalls.OFFER, [NOW, 60, 4])
        assert cursor.fetchone() == (4,)
    assert Waiter.objects.filter(state="offered").count() == 4


@pytest.mark.django_db
def test_a_long_line_is_told_of_the_end_a_part_at_a_time() -> None:
    one, _ = sold_out()
    mine = wait(one, "first")
    said = Waiter.objects.filter(pk=mine.id).values().get()
    Waiter.objects.bulk_create(
        Waiter(**(said | {"id": uuid4(), "buyer": f"b{n}", "position": 10**9 + n}))
        for n in range(600)
    )
    Allocation.objects.update(waiting=601)
    stock.close_gate("FS-1", now=NOW)
    assert [stock.offer(now=NOW) for _ in range(3)] == [500, 101, 0]
    assert queries.violations() == []
