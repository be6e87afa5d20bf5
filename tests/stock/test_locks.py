"""Locking, resizing and giving back, one at a time and all at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from console.audit.models import Entry
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Level, Movement, Source
from console.stock.operations import locks
from console.stock.rules import (
    BadQuantity,
    Item,
    NotEnoughStock,
    StaleEdit,
    Want,
)
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db


def lock(*wants: Want, campaign: str = "FS-1") -> list[Allocation]:
    return stock.lock(campaign, wants=wants, actor=None, now=NOW)


def resize(one: Allocation, quantity: int, buffer: int = 0, **more) -> Allocation:
    words = {"version": one.version, "actor": None, "now": NOW} | more
    return stock.resize(one.pk, quantity=quantity, buffer=buffer, **words)


def free(sku_id: int) -> int:
    return queries.ats([sku_id])[sku_id]


def test_lock_takes_units_out_of_what_others_may_sell() -> None:
    level = make.level(units=30)
    (one,) = lock(Want(level.sku_id, 20, 5))
    assert (one.quantity, one.buffer, one.sellable) == (20, 5, 15)
    assert free(level.sku_id) == 10
    assert queries.violations() == []
    assert Entry.objects.get(verb="stock.lock").after == {
        "skus": 1,
        "units": 20,
        "buffer": 5,
    }


def test_lock_is_all_or_none_and_names_what_is_short() -> None:
    plenty, scarce = make.level(units=30), make.level(units=3)
    with pytest.raises(NotEnoughStock) as refused:
        lock(Want(plenty.sku_id, 20), Want(scarce.sku_id, 5))
    assert refused.value.detail == {"short": {scarce.sku.code: 2}}
    assert scarce.sku.code in refused.value.message
    assert free(plenty.sku_id) == 30
    assert not Allocation.objects.exists()


def test_lock_empties_the_first_location_before_the_next() -> None:
    sku = make.sku()
    near, far = make.location(position=1), make.location(position=2)
    make.level(sku, units=15, at=far)
    make.level(sku, units=10, at=near)
    (one,) = lock(Want(sku.pk, 13))
    taken = Source.objects.filter(allocation=one).values_list("location", "units")
    assert dict(taken) == {near.pk: 10, far.pk: 3}
    assert queries.violations() == []


def test_a_level_keeps_its_own_buffer() -> None:
    level = make.level(units=10)
    size = stock.LevelSize(on_hand=10, committed=2, buffer=3)
    version = level.version
    stock.adjust(
        level.pk, size=size, version=version, reason="count", actor=None, now=NOW
    )
    assert free(level.sku_id) == 5
    with pytest.raises(NotEnoughStock):
        lock(Want(level.sku_id, 6))
    lock(Want(level.sku_id, 5))


@pytest.mark.parametrize(
    "wants", [[], [(1, 5, 6)], [(1, -1, 0)], [(1, 1, -1)], [(1, 1, 0), (1, 1, 0)]]
)
def test_lock_refuses_what_cannot_be(wants: list) -> None:
    with pytest.raises(BadQuantity):
        lock(*(Want(*want) for want in wants))


def test_a_campaign_locks_once_and_again_after_giving_back() -> None:
    level = make.level(units=30)
    (first,) = lock(Want(level.sku_id, 20))
    with pytest.raises(stock.AlreadyLocked):
        lock(Want(level.sku_id, 5))
    stock.return_units("FS-1", actor=None, now=NOW)
    (again,) = lock(Want(level.sku_id, 12))
    assert (again.pk, again.quantity, again.returned_at) == (first.pk, 12, None)
    assert free(level.sku_id) == 18
    assert queries.violations() == []


def test_resize_up_and_down_moves_units_and_writes_why() -> None:
    level = make.level(units=30)
    (one,) = lock(Want(level.sku_id, 10, 2))
    bigger = resize(one, 25, 4, reason="first minute ran hot")
    assert (bigger.sellable, free(level.sku_id)) == (21, 5)
    smaller = resize(bigger, 6, 0)
    assert (smaller.sellable, free(level.sku_id)) == (6, 24)
    assert queries.violations() == []
    reasons = Movement.objects.exclude(reason="").values_list("reason", flat=True)
    assert "first minute ran hot" in set(reasons)


def test_resize_stops_at_what_is_taken_and_at_what_is_free() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    hold(one, 7)
    with pytest.raises(NotEnoughStock):
        resize(one, 10, 4)
    with pytest.raises(NotEnoughStock):
        resize(one, 6)
    with pytest.raises(NotEnoughStock) as refused:
        resize(one, 11)
    assert refused.value.detail == {"free": 0}
    assert resize(one, 7).sellable == 0


def hold(one: Allocation, units: int, now=NOW) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer="b", key=uuid4().hex, now=now)


def test_resize_takes_back_what_expired() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    hold(one, 7)
    later = NOW + timedelta(seconds=60)
    assert resize(one, 2, now=later).sellable == 2
    assert queries.violations() == []


def test_a_stale_edit_is_refused_with_the_newer_values() -> None:
    one = make.allocation(quantity=10)
    resize(one, 8, 1)
    with pytest.raises(StaleEdit) as refused:
        resize(one, 9)
    assert refused.value.detail == {"quantity": 8, "buffer": 1, "version": 2}


def test_giving_back_returns_allocation_and_buffer_exactly_once() -> None:
    one = make.allocation(quantity=10, buffer=3)
    make.gate(hold_ttl_s=60)
    paid, _unpaid = hold(one, 4), hold(one, 2)
    stock.confirm(paid.id, order="O-1", now=NOW)
    with pytest.raises(stock.GateNotClosed):
        stock.return_units("FS-1", actor=None, now=NOW)
    stock.close_gate("FS-1", now=NOW)
    with pytest.raises(stock.HoldsActive) as refused:
        stock.return_units("FS-1", actor=None, now=NOW)
    assert refused.value.detail == {"units": 2}
    later = NOW + timedelta(seconds=60)
    told = stock.return_units("FS-1", actor=None, now=later)
    assert (told.unsold, told.sold) == (6, 4)
    assert stock.return_units("FS-1", actor=None, now=later) == stock.Returned(0, 0)
    level = Level.objects.get(sku=one.sku)
    assert (level.on_hand, level.committed, level.allocated) == (10, 4, 0)
    assert free(one.sku_id) == 6
    assert queries.outcome("FS-1").sold == 4
    assert queries.violations() == []


def test_paying_after_the_stock_went_back_is_a_shortfall() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    held = hold(one, 4)
    stock.close_gate("FS-1", now=NOW)
    later = NOW + timedelta(seconds=60)
    stock.return_units("FS-1", actor=None, now=later)
    assert stock.confirm(held.id, order="O-1", now=later).shortfall == 4
    assert queries.violations() == []


def test_receiving_and_adjusting_keep_promises() -> None:
    one = make.allocation(quantity=10)
    level = Level.objects.get(sku=one.sku)
    with pytest.raises(NotEnoughStock):
        receive(level, -1)
    receive(level, 5)
    assert free(one.sku_id) == 5
    level.refresh_from_db()
    with pytest.raises(StaleEdit):
        adjust(level, 20, version=level.version - 1)
    with pytest.raises(NotEnoughStock):
        adjust(level, 9)
    with pytest.raises(BadQuantity):
        adjust(level, 20, committed=-1)
    adjust(level, 20, committed=3)
    assert free(one.sku_id) == 7
    assert queries.violations() == []


def test_the_trail_names_the_sku_and_the_place() -> None:
    make.level(make.sku("MUG-RED"), at=make.location("Leeds"))
    assert Entry.objects.get(verb="stock.adjust").object_label == "MUG-RED at Leeds"


def test_the_trail_names_the_sku_of_a_resized_allocation() -> None:
    one = make.allocation(of=make.sku("MUG-RED"), quantity=10)
    resize(one, 8)
    assert Entry.objects.get(verb="stock.resize").object_label == "FS-1 · MUG-RED"


def receive(level: Level, units: int) -> Level:
    words = {"units": units, "reason": "count", "actor": None, "now": NOW}
    return stock.receive(level.sku_id, level.location_id, **words)


def adjust(level: Level, on_hand: int, committed: int = 0, version: int = 0) -> Level:
    return stock.adjust(
        level.pk,
        size=stock.LevelSize(on_hand, committed, 0),
        version=version or level.version,
        reason="count",
        actor=None,
        now=NOW,
    )


@pytest.mark.django_db(transaction=True)
def test_fifty_campaigns_lock_the_same_shelves_at_once() -> None:
    """No deadlock, nothing negative, and exactly as many win as there is stock for."""
    levels = [make.level(units=20) for _ in range(4)]

    def one(number: int) -> bool:
        order = levels if number % 2 else levels[::-1]
        wants = [Want(level.sku_id, 1) for level in order]
        stock.lock(f"FS-{number}", wants=wants, actor=None, now=NOW)
        return True

    got = in_parallel(50, one)
    assert got.count(True) == 20
    assert all(isinstance(x, NotEnoughStock) for x in got if x is not True)
    assert [level.free for level in Level.objects.all()] == [0] * 4
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_without_row_locks_lockers_take_the_same_units(monkeypatch) -> None:
    """Reading the levels without locking them, careless lockers both succeed."""
    level = make.level(units=4)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE stock_level DROP CONSTRAINT level_keeps_its_promises"
        )
    monkeypatch.setattr(locks, "locked_levels", _seen_levels)
    got = in_parallel(8, lambda n: bool(lock(Want(level.sku_id, 3), campaign=f"F{n}")))
    over = Level.objects.get().allocated
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stock_level")
        cursor.execute(
            "ALTER TABLE stock_level ADD CONSTRAINT level_keeps_its_promises"
            " CHECK (on_hand >= committed + allocated)"
        )
    assert got.count(True) > 1
    assert over > 4


def _seen_levels(sku_ids) -> list[Level]:
    return list(Level.objects.filter(sku_id__in=set(sku_ids)))
