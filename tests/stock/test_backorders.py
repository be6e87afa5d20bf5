"""Units sold before they are there: so many, told so, owed, and filled in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from console.audit.models import Entry
from console.report.ledger import certificate
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Backorder, Level, SkuCertificate
from console.stock.rules import (
    BadQuantity,
    Item,
    NotEnoughStock,
    Reason,
    StaleEdit,
    StillOwed,
)
from tests import make
from tests.make import NOW
from tests.stock.conftest import Door
from tests.stock.ourcode import LOCKED_SKUS, SKUS_READ, race
from tests.stock.test_gate import asked, post, reserve

pytestmark = pytest.mark.django_db
ACT = {"actor": None, "now": NOW}
SOON = NOW + timedelta(days=9)


def backordered(
    quantity: int = 2, units: int = 3, at: datetime | None = SOON, **words: int
) -> Allocation:
    """A sale of a few units that may sell some before they are there."""
    one = make.allocation(quantity=quantity, **words)
    make.gate()
    return allow(one, units, at)


def allow(
    one: Allocation, units: int, at: datetime | None = None, now: datetime = NOW
) -> Allocation:
    version = Allocation.objects.get(pk=one.pk).version
    words = {"units": units, "promise_at": at, "version": version}
    return stock.set_backorder(one.pk, **words, actor=None, now=now)


def hold(one: Allocation, units: int, key: str, **words: object) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    words = {"now": NOW} | words
    return stock.reserve("FS-1", lines=lines, buyer=key, key=key, **words)


def buy(one: Allocation, units: int, key: str) -> UUID:
    held = hold(one, units, key)
    assert stock.confirm(held.id, order=f"O-{key}", now=NOW).shortfall == 0
    return held.id


def end(now: datetime = NOW) -> stock.Returned:
    stock.close_gate("FS-1", now=now)
    return stock.return_units("FS-1", actor=None, now=now)


def test_nothing_is_sold_before_it_is_there_unless_somebody_said_so() -> None:
    one = make.allocation(quantity=2)
    make.gate()
    assert (one.backorder, one.sellable) == (0, 2)
    with pytest.raises(NotEnoughStock):
        hold(one, 3, "a")
    assert hold(one, 2, "b").backordered == 0


def test_so_many_are_sold_and_one_more_is_refused() -> None:
    one = backordered(2, 3)
    told = [hold(one, 1, f"k{n}") for n in range(5)]
    assert [x.backordered for x in told] == [0, 0, 1, 1, 1]
    assert [x.promise_at for x in told] == [None, None, SOON, SOON, SOON]
    with pytest.raises(NotEnoughStock):
        hold(one, 1, "one more")
    assert Allocation.objects.get().sellable == 0
    assert queries.oversold("FS-1") == 0
    assert queries.violations() == [] == queries.drifts()


def test_a_basket_is_told_how_many_of_its_units_are_late_and_again_the_same() -> None:
    one = backordered(2, 3)
    first, again = (hold(one, 4, "k") for _ in range(2))
    assert (first.backordered, again.backordered) == (2, 2)
    assert (again.replayed, again.promise_at) == (True, first.promise_at)


@pytest.mark.parametrize("at", [None, NOW + timedelta(hours=1)])
def test_a_date_nobody_knows_or_that_has_passed_is_not_promised(
    at: datetime | None,
) -> None:
    one = backordered(0, 3, at=at)
    assert hold(one, 1, "k", now=NOW + timedelta(hours=2)).promise_at is None


def test_expired_holds_are_given_back_before_anything_is_sold_late() -> None:
    one = backordered(2, 3)
    hold(one, 2, "k", ttl_s=60)
    assert hold(one, 2, "l", now=NOW + timedelta(seconds=61)).backordered == 0
    assert queries.violations() == []


def test_who_pays_late_gets_what_is_there_or_what_they_were_told() -> None:
    one = backordered(1, 1)
    held = [hold(one, 1, key, ttl_s=60) for key in "ab"]
    assert [x.backordered for x in held] == [0, 1]
    late = NOW + timedelta(seconds=90)
    hold(one, 1, "c", now=late)
    paid = [stock.confirm(x.id, order=f"O-{x.id}"[:60], now=late) for x in held]
    assert [x.shortfall for x in paid] == [1, 0]
    assert queries.violations() == []


def test_the_policy_may_not_fall_below_what_was_sold_of_it() -> None:
    one = backordered(2, 3)
    buy(one, 4, "k")
    with pytest.raises(NotEnoughStock, match="2 units that are not there"):
        allow(one, 1)
    assert allow(one, 2).sellable == 0
    with pytest.raises(BadQuantity):
        allow(one, -1)
    with pytest.raises(BadQuantity, match="still to come"):
        allow(one, 3, NOW)
    assert queries.violations() == []


def test_nothing_more_is_sold_late_though_its_date_has_passed() -> None:
    one = backordered(2, 3)
    off = allow(one, 0, SOON, now=SOON)
    assert (off.backorder, off.promise_at) == (0, None)


def test_units_that_are_there_and_promised_cannot_be_taken_from_the_sale() -> None:
    one = backordered(2, 3)
    buy(one, 2, "k")
    one = Allocation.objects.get()
    with pytest.raises(NotEnoughStock):
        stock.resize(one.pk, quantity=1, buffer=0, version=one.version, **ACT)
    with pytest.raises(NotEnoughStock):
        stock.resize(one.pk, quantity=2, buffer=1, version=one.version, **ACT)


def test_a_stale_policy_is_refused_and_each_is_in_the_trail() -> None:
    one = backordered(2, 3)
    words = {"units": 9, "promise_at": None, "version": 1}
    with pytest.raises(StaleEdit):
        stock.set_backorder(one.pk, **words, **ACT)
    (told,) = Entry.objects.filter(verb="stock.set_backorder")
    assert (told.before["backorder"], told.after["backorder"]) == (0, 3)


def test_what_is_not_there_at_the_end_is_owed_and_nothing_is_committed_of_it() -> None:
    one = backordered(2, 3)
    for key in "abc":
        buy(one, 1, key)
    assert end() == stock.Returned(unsold=0, sold=3)
    level = Level.objects.get()
    assert (level.on_hand, level.committed, level.allocated) == (2, 2, 0)
    (late,) = Backorder.objects.filter(owed__gt=0)
    assert (late.reservation.order, late.owed, late.told_at) == ("O-c", 1, SOON)
    assert queries.violations() == [] == queries.drifts()
    told = certificate("FS-1")
    assert told is not None and told["balanced"]
    assert (told["locked"], told["sold"], told["unsold"], told["paid"]) == (3, 3, 0, 3)


def test_the_buffer_goes_to_those_who_were_promised_before_it_is_free() -> None:
    one = backordered(3, 3, buffer=2)
    for key in "abc":
        buy(one, 1, key)
    end()
    assert not Backorder.objects.filter(owed__gt=0).exists()
    assert Level.objects.get().committed == 3
    assert queries.violations() == []
    told = certificate("FS-1")
    assert told is not None and told["balanced"] and told["unsold"] == 0


@pytest.mark.parametrize(
    "bought,unsold,buffer,backordered", [(4, 0, 0, 1), (1, 1, 1, 0)]
)
def test_the_certificate_tells_what_was_sold_and_was_not_there(
    bought: int, unsold: int, buffer: int, backordered: int
) -> None:
    one = make.allocation(quantity=3, buffer=1)
    make.gate()
    buy(allow(one, 3), bought, "k")
    end(NOW + timedelta(hours=1))
    said = SkuCertificate.objects.get(sku=one.sku).content
    told = {"sold": bought, "unsold": unsold, "buffer": buffer, "oversold": 0}
    told |= {"backordered": backordered, "locked": 3, "balanced": True}
    assert {name: said[name] for name in told} == told


def test_a_sale_that_sold_none_late_gives_the_promise_back() -> None:
    one = backordered(4, 3)
    buy(one, 1, "a")
    assert end() == stock.Returned(unsold=3, sold=1)
    assert queries.violations() == [] == queries.drifts()
    told = certificate("FS-1")
    assert told is not None and (told["locked"], told["unsold"]) == (4, 3)


def owed() -> tuple[Allocation, list[UUID]]:
    """An ended sale of one unit that sold four: three are owed."""
    one = backordered(1, 3)
    sold = [buy(one, 1, "a"), buy(one, 2, "b"), buy(one, 1, "c")]
    end()
    return one, sold


def receive(one: Allocation, units: int) -> None:
    where = Level.objects.get(sku=one.sku).location_id
    stock.receive(one.sku_id, where, units=units, reason=Reason.RECEIPT, **ACT)


def test_what_comes_is_given_to_those_it_is_owed_who_bought_first_first() -> None:
    one, (there, second, third) = owed()
    assert stock.fill_backorders(**ACT) == 0
    receive(one, 2)
    assert [stock.fill_backorders(**ACT) for _ in range(2)] == [2, 0]
    assert stock.ship(second, **ACT).units == {one.sku.code: 2}
    with pytest.raises(StillOwed, match="not there yet"):
        stock.ship(third, [stock.Parcel(one.sku.code, 1)], **ACT)
    assert stock.ship(there, **ACT).units == {one.sku.code: 1}
    assert queries.violations() == [] == queries.drifts()
    receive(one, 5)
    assert stock.fill_backorders(**ACT) == 1
    assert stock.ship(third, **ACT).units == {one.sku.code: 1}
    level = Level.objects.get()
    assert (level.on_hand, level.committed, level.free) == (4, 0, 4)
    assert queries.violations() == [] == queries.drifts()


def test_what_is_owed_and_cancelled_is_owed_no_more() -> None:
    one, (_, second, third) = owed()
    stock.cancel_sale(second, [stock.Parcel(one.sku.code, 1)], **ACT)
    stock.cancel_sale(third, **ACT)
    assert queries.violations() == [] == queries.drifts()
    receive(one, 5)
    assert stock.fill_backorders(**ACT) == 1
    assert stock.ship(second, **ACT).units == {one.sku.code: 1}
    assert queries.violations() == []


def test_the_balances_of_a_policy_are_rebuilt_from_the_ledger() -> None:
    one = backordered(2, 3)
    Allocation.objects.filter(pk=one.pk).update(backorder=9)
    assert {x.balance for x in queries.violations()} == {"pool", "promised"}
    (found,) = queries.drifts()
    assert (found.field, found.before, found.after) == ("backorder", 9, 3)


def sixteen_at_once(*, without: Sequence[str] = ()) -> list[int | Exception]:
    """How many late units each was told of, five being there and four promised."""
    one = backordered(5, 4)
    act = lambda n: hold(one, 1, f"k{n}").backordered  # noqa: E731
    return race(16, act, "reserve", stop=SKUS_READ, without=without)


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_get_what_there_is_and_what_is_promised() -> None:
    got = sixteen_at_once()
    assert sum(isinstance(x, NotEnoughStock) for x in got) == 7
    assert sorted(x for x in got if isinstance(x, int)) == [0] * 5 + [1] * 4
    assert queries.violations() == []


@pytest.mark.usefixtures("no_constraint")
def test_control_without_the_lock_units_are_there_for_more_than_there_are() -> None:
    assert sixteen_at_once(without=[LOCKED_SKUS]).count(0) > 5


def test_the_gate_tells_how_many_are_late_and_by_when(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    ends = datetime.now(NOW.tzinfo) + timedelta(days=3)
    allow(one, 1, ends, now=datetime.now(NOW.tzinfo))
    first = reserve(door, asked(one.sku.code)).json()
    assert (first["backordered"], first["promise_at"]) == (0, None)
    late, again = (reserve(door, asked(one.sku.code), "k") for _ in range(2))
    assert late.content == again.content
    assert late.json()["backordered"] == 1
    assert datetime.fromisoformat(late.json()["promise_at"]) - ends < timedelta(0, 1)
    told = reserve(door, asked(one.sku.code))
    assert (told.status_code, told.json()["code"]) == (409, "not_enough_stock")
    paid = post(door, f"reservations/{late.json()['id']}/confirm", {"order": "O"})
    assert paid.json()["shortfall"] == 0
