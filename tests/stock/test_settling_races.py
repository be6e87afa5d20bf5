"""Two who settle the same units at once, in pairs: with the guard, and without it.

Controls read, wait until the other has read too, and write: what careless code does
when it is unlucky.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db.models import F, Sum

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import (
    Allocation,
    Level,
    Reservation,
    ReservationLine,
    Shortfall,
    Sold,
)
from console.stock.operations import Held, HoldsActive, Returned
from console.stock.rules import (
    AlreadyConfirmed,
    HoldState,
    Item,
    NotEnoughStock,
    OtherOrder,
    Want,
)
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS = 8
LATER = NOW + timedelta(seconds=60)


def holds(count: int, *, quantity: int = 0) -> list[Held]:
    """So many holds of one unit each, which expire at LATER; nothing else is left."""
    one = make.allocation(quantity=quantity or count)
    make.gate(hold_ttl_s=60)
    return [hold(one.sku.code) for _ in range(count)]


def hold(code: str) -> Held:
    key = uuid4().hex
    return stock.reserve("FS-1", lines=[Item(code, 1)], buyer="b", key=key, now=NOW)


def sold() -> int:
    return Sold.objects.aggregate(units=Sum("units"))["units"] or 0


def confirm(held: Held, order: str = "O-1", *, now=NOW) -> int:
    return stock.confirm(held.id, order=order, now=now).shortfall


def unlucky(*acts: Callable[[Callable[[], object]], None]) -> None:
    """Do all at once; each waits, by what it is given, until the others have read."""
    met = Barrier(len(acts))
    got = in_parallel(len(acts), lambda n: acts[n](lambda: met.wait(10)))
    assert got == [None] * len(acts), got


def carelessly_confirm(others_have_read: Callable[[], object]) -> None:
    """Sell what is held, without holding anybody else off."""
    line = ReservationLine.objects.get()
    free = line.reservation.state != HoldState.CONFIRMED and line.held
    others_have_read()
    if free:
        slot = Sold.objects.count()
        Sold.objects.create(allocation_id=line.allocation_id, slot=slot, units=1)
        ReservationLine.objects.update(held=False, sold=1)
        Reservation.objects.update(state=HoldState.CONFIRMED, order="O-1")


def carelessly_end(others_have_read: Callable[[], object]) -> None:
    """Give the unit of a hold back, because it was released or has expired."""
    line = ReservationLine.objects.get()
    others_have_read()
    if line.held:
        Allocation.objects.update(taken=F("taken") - 1)
        ReservationLine.objects.update(held=False)


def test_one_order_confirms_from_eight_sides_and_sells_once() -> None:
    (held,) = holds(1)
    assert in_parallel(PAIRS, lambda _: confirm(held)) == [0] * PAIRS
    assert (sold(), Allocation.objects.get().taken) == (1, 1)
    assert queries.violations() == []


def test_eight_orders_confirm_one_hold_and_one_gets_it() -> None:
    (held,) = holds(1)
    got = in_parallel(PAIRS, lambda n: confirm(held, f"O-{n}"))
    assert got.count(0) == 1
    assert sum(isinstance(one, OtherOrder) for one in got) == PAIRS - 1
    assert Reservation.objects.get().order == f"O-{got.index(0)}"
    assert sold() == 1
    assert queries.violations() == []


def test_control_careless_confirms_sell_one_unit_twice() -> None:
    holds(1)
    slots = iter(range(2))

    def with_a_slot(others_have_read: Callable[[], object]) -> None:
        line = ReservationLine.objects.get()
        others_have_read()
        if line.held:
            Sold.objects.create(
                allocation_id=line.allocation_id, slot=next(slots), units=1
            )

    unlucky(with_a_slot, with_a_slot)
    assert (sold(), Allocation.objects.get().quantity) == (2, 1)


def test_confirming_against_releasing_keeps_every_paid_unit() -> None:
    held = holds(PAIRS)

    def act(number: int) -> int | None:
        if number % 2:
            return stock.release(held[number // 2].id, now=NOW)
        return confirm(held[number // 2], f"O-{number}")

    got = in_parallel(2 * PAIRS, act)
    assert got[::2] == [0] * PAIRS, "whoever paid has the unit, whatever came first"
    assert all(x is None or isinstance(x, AlreadyConfirmed) for x in got[1::2]), got
    assert (sold(), Allocation.objects.get().taken) == (PAIRS, PAIRS)
    assert queries.violations() == []


def test_control_careless_release_gives_a_paid_unit_back() -> None:
    holds(1)
    unlucky(carelessly_confirm, carelessly_end)
    assert (sold(), Allocation.objects.get().sellable) == (1, 1)
    assert queries.violations() != []


def test_confirming_against_sweeping_at_expiry_keeps_every_paid_unit() -> None:
    held = holds(PAIRS)

    def act(number: int) -> int:
        if number % 2:
            return stock.sweep(now=LATER)
        return confirm(held[number // 2], f"O-{number}", now=LATER)

    got = in_parallel(2 * PAIRS, act)
    assert got[::2] == [0] * PAIRS, got
    assert (sold(), Allocation.objects.get().taken) == (PAIRS, PAIRS)
    assert not ReservationLine.objects.filter(held=True).exists()
    assert not Shortfall.objects.exists()
    assert queries.violations() == []


def test_control_careless_sweep_frees_a_unit_that_is_being_paid() -> None:
    holds(1)

    def carelessly_sweep(others_have_read: Callable[[], object]) -> None:
        assert ReservationLine.objects.filter(held=True, expires_at__lte=LATER).exists()
        carelessly_end(others_have_read)

    unlucky(carelessly_confirm, carelessly_sweep)
    assert (sold(), Allocation.objects.get().sellable) == (1, 1)
    assert queries.violations() != []


def test_returning_against_late_payments_loses_and_doubles_no_unit() -> None:
    """Each unit ends as sold and committed, or free with a shortfall for who paid."""
    held = holds(PAIRS)
    stock.close_gate("FS-1", now=NOW)

    def act(number: int) -> object:
        if number % 4 == 3:
            return stock.return_units("FS-1", actor=None, now=LATER)
        return confirm(held[number % PAIRS], f"O-{number % PAIRS}", now=LATER)

    for one in in_parallel(2 * PAIRS, act):
        assert isinstance(one, int | Returned | HoldsActive), one
    for number, one in enumerate(held):
        confirm(one, f"O-{number}", now=LATER)
    stock.return_units("FS-1", actor=None, now=LATER)
    level, short = Level.objects.get(), Shortfall.objects.count()
    assert (level.committed, level.free) == (sold(), PAIRS - sold())
    assert sold() + short == PAIRS
    assert queries.violations() == []


def test_control_careless_return_frees_a_unit_that_is_being_sold() -> None:
    make.allocation(quantity=1)

    def carelessly_return(others_have_read: Callable[[], object]) -> None:
        unsold = Allocation.objects.get().quantity - sold()
        others_have_read()
        Level.objects.update(allocated=F("allocated") - unsold)
        Allocation.objects.update(returned_at=NOW)

    def carelessly_sell(others_have_read: Callable[[], object]) -> None:
        one = Allocation.objects.get()
        others_have_read()
        if one.returned_at is None and one.sellable:
            Allocation.objects.update(taken=F("taken") + 1)
            Sold.objects.create(allocation=one, slot=0, units=1)

    unlucky(carelessly_return, carelessly_sell)
    assert (sold(), Level.objects.get().free) == (1, 1)
    assert queries.violations() != []


def test_resizing_against_reserving_leaves_no_buyer_without_a_unit() -> None:
    one = make.allocation(quantity=2 * PAIRS)
    make.gate()

    def act(number: int) -> object:
        if number:
            return hold(one.sku.code)
        size = {"quantity": PAIRS, "buffer": 0, "version": one.version}
        return stock.resize(one.pk, **size, actor=None, now=NOW)

    resized, *held = in_parallel(2 * PAIRS, act)
    assert all(isinstance(x, Held | NotEnoughStock) for x in held), held
    taken = sum(isinstance(x, Held) for x in held)
    if isinstance(resized, Allocation):
        assert taken == PAIRS
    else:
        assert isinstance(resized, NotEnoughStock) and taken == 2 * PAIRS - 1
    after = Allocation.objects.get()
    assert after.taken == taken <= after.quantity
    assert queries.violations() == []


@pytest.mark.usefixtures("no_constraint")
def test_control_careless_resize_cuts_below_what_buyers_hold() -> None:
    make.allocation(quantity=10)

    def carelessly_resize(others_have_read: Callable[[], object]) -> None:
        taken = Allocation.objects.get().taken
        others_have_read()
        if taken <= 4:
            Allocation.objects.update(quantity=4)

    def carelessly_reserve(others_have_read: Callable[[], object]) -> None:
        sellable = Allocation.objects.get().sellable
        others_have_read()
        if sellable >= 6:
            Allocation.objects.update(taken=F("taken") + 6)

    unlucky(carelessly_resize, carelessly_reserve)
    assert Allocation.objects.get().sellable == -2


def two_sales_of_one_shelf() -> None:
    """FS-1 has 8 units of a shelf of 20, one of them sold; FS-2 has the other 12."""
    sku = make.sku()
    make.level(sku, units=20)
    for campaign, units in (("FS-1", 8), ("FS-2", 12)):
        stock.lock(campaign, wants=[Want(sku.pk, units)], actor=None, now=NOW)
    make.gate()
    confirm(hold(sku.code))
    stock.close_gate("FS-1", now=NOW)


def test_returning_from_eight_sides_gives_back_once() -> None:
    two_sales_of_one_shelf()
    got = in_parallel(
        PAIRS, lambda _: stock.return_units("FS-1", actor=None, now=LATER)
    )
    assert got.count(Returned(unsold=7, sold=1)) == 1
    assert got.count(Returned(0, 0)) == PAIRS - 1
    level = Level.objects.get()
    assert (level.free, level.allocated, level.committed) == (7, 12, 1)
    assert queries.violations() == []


def test_control_careless_returns_give_back_what_another_sale_has() -> None:
    two_sales_of_one_shelf()

    def carelessly_return(others_have_read: Callable[[], object]) -> None:
        one = Allocation.objects.get(campaign="FS-1")
        others_have_read()
        if one.returned_at is None:
            Level.objects.update(allocated=F("allocated") - one.quantity)
            Allocation.objects.filter(pk=one.pk).update(returned_at=NOW)

    unlucky(carelessly_return, carelessly_return)
    assert Level.objects.get().allocated < 12
    assert queries.violations() != []
