"""Many who send, cancel and buy at once settle each sold unit once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError

from console.errors import Refusal
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Delivery, Level, Reservation, Sold
from console.stock.operations import Parcel, deliveries
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.ourcode import SOLD_NEXT, race, until_waiting
from tests.stock.shipkit import WHO, level, one_sold, paid

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_ships_at_once_one_sends_and_the_other_sees_it() -> None:
    code, sold = one_sold(5)
    got = in_parallel(6, lambda _: stock.ship(sold, **WHO))
    assert sorted(x.replayed for x in got) == [False, *[True] * 5]
    assert {x.units[code] for x in got} == {5}
    assert level() == (5, 0, 5)
    assert queries.violations() == []


def send_three(code: str, sold: UUID):
    def one(number: int) -> bool:
        stock.ship(sold, [Parcel(code, 3)], line=f"p{number}", **WHO)
        return True

    return one


def test_parcels_at_once_never_send_more_than_was_sold() -> None:
    code, sold = one_sold(5)
    got = in_parallel(6, send_three(code, sold))
    assert got.count(True) == 1
    assert all(isinstance(x, Refusal) for x in got if x is not True)
    assert queries.violations() == []


def test_control_without_the_locks_parcels_at_once_send_too_much(monkeypatch) -> None:
    """Reading without locking, several see five units left; the check catches them."""
    code, sold = one_sold(5)
    monkeypatch.setattr(
        deliveries, "locked_levels", lambda ids: list(Level.objects.all())
    )
    monkeypatch.setattr(
        deliveries, "locked_allocations", lambda ids: list(Allocation.objects.all())
    )
    monkeypatch.setattr(
        "console.stock.operations.settling.locked_reservation",
        lambda pk: Reservation.objects.get(pk=pk),
    )
    stock.ship(sold, [Parcel(code, 1)], line="first", **WHO)
    got = in_parallel(6, send_three(code, sold))
    assert any(isinstance(x, IntegrityError) for x in got)
    assert got.count(True) == 1


def test_shipping_and_cancelling_at_once_settle_each_unit_once() -> None:
    code, sold = one_sold(5)
    acts = [stock.ship, stock.cancel_sale]
    in_parallel(6, lambda n: acts[n % 2](sold, [Parcel(code, 2)], line=str(n), **WHO))
    one = Delivery.objects.get()
    assert one.shipped + one.cancelled == 4
    assert queries.violations() == []


def test_cancelling_while_others_buy_sells_each_unit_once() -> None:
    one = make.allocation(quantity=4)
    make.gate()
    orders = [paid((one.sku.code, 1), key=f"k{n}") for n in range(4)]

    def act(number: int) -> bool:
        if number < 4:
            stock.cancel_sale(orders[number], **WHO)
        else:
            paid((one.sku.code, 1), key=f"n{number}")
        return True

    got = in_parallel(8, act)
    new = got[4:].count(True)
    (count,) = queries.counters("FS-1", now=NOW)
    assert got[:4] == [True] * 4
    assert (count.sold, count.left) == (new, 4 - new)
    assert queries.violations() == []


def cancelled_while_paid_late() -> list[bool | Exception]:
    """One has units taken anew and is to count them; another cancels meanwhile."""
    one = make.allocation(quantity=4)
    make.gate()
    order = paid((one.sku.code, 1))
    lines = [Item(one.sku.code, 1)]
    held = stock.reserve("FS-1", lines=lines, buyer="b", key="late", now=NOW)
    later = NOW + timedelta(days=1)
    assert stock.sweep(now=later) == 1
    Sold.objects.bulk_create(
        [Sold(allocation=one, slot=slot, units=0) for slot in range(16)],
        ignore_conflicts=True,
    )

    def act(number: int) -> bool:
        if number:
            stock.confirm(held.id, order="O-late", now=later)
        else:
            until_waiting(1)
            stock.cancel_sale(order, actor=None, now=later)
        return True

    return race(2, act, "settle", stop=SOLD_NEXT)


def test_cancelling_while_somebody_pays_late_waits_for_the_payment() -> None:
    assert cancelled_while_paid_late() == [True, True]
    (count,) = queries.counters("FS-1", now=NOW)
    assert (count.sold, count.left) == (1, 3)
    assert queries.violations() == []


def test_control_without_the_lock_of_the_sku_they_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliveries, "locked_allocations", list)
    got = cancelled_while_paid_late()
    assert [x for x in got if isinstance(x, OperationalError)] != [], got
