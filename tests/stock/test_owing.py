"""Orders of which a part is not there yet: sent, cancelled and filled around it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Event
from uuid import UUID

import pytest
from django.db import transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Backorder, Level
from console.stock.operations import Parcel, Settled, backorders
from console.stock.operations.ledger import locked_levels
from console.stock.queries.unlocking import unlocked
from console.stock.rules import (
    BadQuantity,
    Item,
    MoreThanSold,
    Reason,
    StillOwed,
    Want,
)
from console.stock.rules.waves import Tranche
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.shipkit import WHO, close, paid

pytestmark = pytest.mark.django_db


def late(one: Allocation, units: int) -> None:
    """Let a sale sell so many units that are not there."""
    version = Allocation.objects.get(pk=one.pk).version
    words = {"units": units, "promise_at": None, "version": version}
    stock.set_backorder(one.pk, **words, **WHO)


def receive(one: Allocation, units: int) -> None:
    where = Level.objects.get(sku=one.sku).location_id
    stock.receive(one.sku_id, where, units=units, reason=Reason.RECEIPT, **WHO)


def five_of_which_two_are_owed() -> tuple[Allocation, UUID]:
    one = make.allocation(quantity=3)
    make.gate()
    late(one, 2)
    sold = paid((one.sku.code, 5))
    close()
    return one, sold


def test_told_again_it_sends_nothing_until_what_is_owed_came() -> None:
    one, sold = five_of_which_two_are_owed()
    code = one.sku.code
    told = [stock.ship(sold, **WHO) for _ in range(3)]
    again = Settled({code: 3}, replayed=True)
    assert told == [Settled({code: 3}), again, again]
    receive(one, 2)
    assert stock.fill_backorders(**WHO) == 2
    assert stock.ship(sold, **WHO) == Settled({code: 2})
    assert stock.ship(sold, **WHO) == Settled({code: 5}, replayed=True)
    assert queries.violations() == [] == queries.drifts()


def test_a_new_parcel_of_what_is_owed_says_that_it_is_not_there() -> None:
    _, sold = five_of_which_two_are_owed()
    stock.ship(sold, line="p1", **WHO)
    with pytest.raises(StillOwed, match="2 of this order are not there yet"):
        stock.ship(sold, line="p2", **WHO)
    stock.cancel_sale(sold, **WHO)
    with pytest.raises(MoreThanSold):
        stock.ship(sold, line="p3", **WHO)


def test_who_cancels_at_two_places_takes_no_unit_of_another_buyer() -> None:
    sku = make.sku()
    near, far = make.location(position=1), make.location(position=2)
    make.level(sku, units=4, at=near)
    make.level(sku, units=4, at=far)
    (one,) = stock.lock("FS-1", wants=[Want(sku.pk, 8)], **WHO)
    make.gate()
    late(one, 2)
    other, ours = paid((sku.code, 5), key="a"), paid((sku.code, 5), key="b")
    close()
    two = [Parcel(sku.code, 3, far.pk), Parcel(sku.code, 2, near.pk)]
    stock.cancel_sale(ours, two, **WHO)
    assert Backorder.objects.get(reservation=ours).dropped == 2
    assert stock.ship(other, **WHO) == Settled({sku.code: 5})
    assert queries.violations() == [] == queries.drifts()


def test_a_sale_that_sold_what_is_not_there_can_give_its_waves_up() -> None:
    one = make.allocation(quantity=2, of=make.sku("GONE"))
    make.gate()
    late(one, 3)
    held = stock.reserve("FS-1", lines=[Item("GONE", 4)], buyer="b", key="k", now=NOW)
    assert held.backordered == 2
    assert stock.plan_waves("FS-1", [], seen=[], **WHO) == 0
    cut = [Tranche(share=Decimal(50), after_s=60)]
    with pytest.raises(BadQuantity, match="Set that to 0 first"):
        stock.plan_waves("FS-1", cut, seen=[], **WHO)


def test_the_last_buyers_are_owed_and_no_more_than_they_bought() -> None:
    one = make.allocation(quantity=4, buffer=1)
    make.gate()
    late(one, 5)
    sold = []
    for n, units in enumerate((1, 3, 2, 1)):
        at, lines = NOW + timedelta(seconds=n), [Item(one.sku.code, units)]
        held = stock.reserve("FS-1", lines=lines, buyer="b", key=f"k{n}", now=at)
        stock.confirm(held.id, order=f"O-{n}", now=at)
        sold.append(held.id)
    stock.cancel_sale(sold[2], [Parcel(one.sku.code, 1)], **WHO)
    close()
    rows = Backorder.objects.filter(units__gt=0).order_by("reservation__made_at")
    assert list(rows.values_list("units", "owed")) == [(1, 0), (2, 1), (1, 1)]
    assert queries.violations() == [] == queries.drifts()


def test_unlocking_gives_back_no_unit_that_is_not_there_and_says_so_before() -> None:
    one = make.allocation(quantity=10, buffer=1)
    make.gate(hold_ttl_s=60)
    late(one, 5)
    for key, units in (("a", 4), ("b", 3)):
        lines = [Item(one.sku.code, units)]
        stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=NOW)
    told = [unlocked([one.pk], now=NOW + timedelta(seconds=s)) for s in (0, 61)]
    assert [x.back for x in told if x] == [3, 10]
    seen = [(one.pk, Allocation.objects.get(pk=one.pk).version)]
    assert stock.unlock(seen, reason="recalled", **WHO) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most,filled", [(3, 1), (1, 0)])
def test_a_sku_that_somebody_moves_waits_and_the_others_are_filled(
    most: int, filled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backorders, "MOST_BUSY", most)
    skus = [make.sku(code) for code in "AB"]
    for sku in skus:
        make.level(sku, units=1)
    busy, free = stock.lock("FS-1", wants=[Want(x.pk, 1) for x in skus], **WHO)
    make.gate()
    for one in (busy, free):
        late(one, 1)
        paid((one.sku.code, 2), key=one.sku.code)
    close()
    for one in (busy, free):
        receive(one, 1)
    locked, done = Event(), Event()

    def keep() -> None:
        with transaction.atomic():
            locked_levels([busy.sku_id])
            locked.set()
            assert done.wait(60)

    def fill() -> int:
        assert locked.wait(20)
        try:
            return stock.fill_backorders(**WHO)
        finally:
            done.set()

    assert in_parallel(2, lambda n: (keep, fill)[n]()) == [None, filled]
    assert Backorder.objects.get(allocation=free).filled == filled
    assert stock.fill_backorders(**WHO) == 2 - filled
    assert queries.violations() == []
