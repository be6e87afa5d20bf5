"""Those who wait for a SKU that is sold out: in order, once each, for a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Backorder, Reservation, Waiter
from console.stock.rules import (
    AlreadyTaken,
    AlreadyWaiting,
    BadQuantity,
    BuyerLimit,
    GateClosed,
    IdempotencyMismatch,
    Item,
    NotEnoughStock,
    OrderLimit,
    SkuStopped,
    StillInStock,
    UnknownCampaign,
    UnknownSku,
    UnknownWaiter,
    WaiterState,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=settings.OFFER_TTL_S)


def sold_out(units: int = 1, **terms: int) -> tuple[Allocation, UUID]:
    """A sale whose units are in one checkout."""
    one = make.allocation(quantity=units)
    make.gate(**terms)
    return one, hold(one, units, "holder").id


def hold(one: Allocation, units: int, key: str, now: datetime = NOW) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=now)


def wait(one: Allocation, key: str, units: int = 1, **words: object) -> stock.Waiting:
    asked = {"sku_code": one.sku.code, "buyer": key, "key": key, "now": NOW} | words
    return stock.wait("FS-1", units=units, **asked)


def tick(now: datetime = NOW) -> int:
    stock.ring(now=now)
    return stock.offer(now=now)


def states() -> list[str]:
    return list(Waiter.objects.order_by("position").values_list("state", flat=True))


def test_units_that_come_back_are_offered_in_the_order_people_came() -> None:
    one, held = sold_out(2)
    for key in "abc":
        wait(one, key)
    assert tick() == 0
    stock.release(held, now=NOW)
    assert tick() == 2
    assert states() == ["offered", "offered", "waiting"]
    assert [wait(one, key).ahead for key in "abc"] == [0, 0, 0]
    offers = Reservation.objects.filter(state="held").order_by("made_at", "buyer")
    assert [x.buyer for x in offers] == ["a", "b"]
    assert {x.expires_at for x in offers} == {LATER}
    assert queries.violations() == []


def test_ahead_counts_those_who_came_before() -> None:
    one, _ = sold_out()
    assert [wait(one, key).ahead for key in "abc"] == [0, 1, 2]
    stock.leave(UUID(str(Waiter.objects.get(buyer="a").pk)), now=NOW)
    assert wait(one, "c").ahead == 1


def test_an_offer_is_paid_like_any_other_hold() -> None:
    one, held = sold_out()
    mine = wait(one, "a")
    stock.release(held, now=NOW)
    tick()
    told = wait(one, "a")
    assert (told.id, told.state, told.offered) == (mine.id, "offered", 1)
    assert stock.confirm(mine.id, order="O-1", now=NOW).shortfall == 0
    assert wait(one, "a").state == "taken"
    assert tick() == 1 and states() == ["taken"]
    with pytest.raises(AlreadyTaken):
        stock.leave(mine.id, now=NOW)
    assert queries.violations() == []


def test_an_offer_that_runs_out_passes_to_the_next() -> None:
    one, held = sold_out()
    first, _ = wait(one, "a"), wait(one, "b")
    stock.release(held, now=NOW)
    tick()
    assert tick(LATER - timedelta(milliseconds=1)) == 0
    tick(LATER)
    assert states() == ["passed", "offered"]
    assert wait(one, "a", now=LATER).state == "passed"
    (count,) = queries.counters("FS-1", now=LATER)
    assert (count.reserved, count.left) == (1, 0)
    assert stock.leave(first.id, now=LATER) == "passed"
    assert queries.violations() == []


def test_who_leaves_is_offered_nothing_and_gives_back_what_was_offered() -> None:
    one, held = sold_out()
    a, b, _ = (wait(one, key) for key in "abc")
    assert [stock.leave(a.id, now=NOW) for _ in range(2)] == ["left", "left"]
    stock.release(held, now=NOW)
    tick()
    assert states() == ["left", "offered", "waiting"]
    assert stock.leave(b.id, now=NOW) == "left"
    tick()
    assert states() == ["left", "left", "offered"]
    with pytest.raises(UnknownWaiter):
        stock.leave(uuid4(), now=NOW)
    assert queries.violations() == []


def test_the_same_key_waits_once_and_another_body_is_refused() -> None:
    one, _ = sold_out(3)
    assert wait(one, "a") == wait(one, "a")
    with pytest.raises(IdempotencyMismatch):
        wait(one, "a", 2)
    with pytest.raises(AlreadyWaiting) as told:
        wait(one, "other key", buyer="a")
    assert told.value.detail == {"id": str(wait(one, "a").id)}
    with pytest.raises(AlreadyWaiting) as told:
        wait(one, "their key", buyer="a", client="another shop")
    assert told.value.detail == {}
    assert Allocation.objects.get().waiting == 1


def test_who_passed_may_join_again_at_the_end() -> None:
    one, held = sold_out()
    wait(one, "a"), wait(one, "b")
    stock.release(held, now=NOW)
    tick()
    again = wait(one, "a again", buyer="a", now=LATER)
    assert (again.state, again.ahead) == (WaiterState.WAITING, 1)
    assert states() == ["passed", "waiting", "waiting"]


def test_nobody_waits_for_what_can_be_had_or_never_comes() -> None:
    one = make.allocation(quantity=2)
    with pytest.raises(UnknownCampaign):
        wait(one, "a")
    make.gate()
    with pytest.raises(StillInStock) as told:
        wait(one, "a", 2)
    assert told.value.detail["left"] == 2
    with pytest.raises(UnknownSku):
        wait(one, "a", sku_code="no such")
    with pytest.raises(BadQuantity):
        wait(one, "a", 0)
    assert wait(one, "a", 3).state == "waiting"
    stock.stop_sku([one.pk], actor=None, now=NOW)
    with pytest.raises(SkuStopped):
        wait(one, "b", 3)
    stock.start_sku([one.pk], actor=None, now=NOW)
    stock.close_gate("FS-1", now=NOW)
    with pytest.raises(GateClosed) as refused:
        wait(one, "b", 3)
    assert refused.value.field == "campaign"


def test_who_wants_more_than_is_there_is_offered_what_there_is() -> None:
    one, held = sold_out(2)
    wait(one, "a", 5), wait(one, "b")
    stock.release(held, now=NOW)
    tick()
    assert states() == ["offered", "waiting"]
    assert Waiter.objects.get(buyer="a").offered == 2
    assert queries.violations() == []


def test_while_somebody_waits_others_get_only_what_nobody_waits_for() -> None:
    one, held = sold_out(3)
    wait(one, "a", 2)
    stock.ring(now=NOW)
    stock.release(held, now=NOW)
    with pytest.raises(NotEnoughStock) as told:
        hold(one, 2, "quick")
    assert told.value.detail["left"] == 1
    hold(one, 1, "quick")
    tick()
    assert states() == ["offered"] and Waiter.objects.get().offered == 2
    assert queries.violations() == []


def test_when_nobody_looks_after_those_who_wait_nothing_is_kept_for_them() -> None:
    one, held = sold_out()
    wait(one, "a")
    stock.ring(now=NOW)
    stock.release(held, now=NOW)
    with pytest.raises(NotEnoughStock):
        hold(one, 1, "quick", NOW + timedelta(seconds=9))
    assert hold(one, 1, "quick", NOW + timedelta(seconds=10)).id


def test_an_offer_keeps_to_the_limits_of_the_sale() -> None:
    one, held = sold_out(4, buyer_limit=4)
    stock.release(held, now=NOW)
    hold(one, 2, "a")
    other = hold(one, 2, "b")
    for key, units in (("a", 4), ("c", 4)):
        wait(one, key, units)
    Waiter.objects.filter(buyer="c").update(buyer="holder")
    stock.release(other.id, now=NOW)
    tick()
    assert list(Waiter.objects.order_by("position").values_list("offered")) == [
        (2,),
        (0,),
    ]
    assert queries.violations() == []


def test_a_buyer_who_may_have_no_more_is_passed_over() -> None:
    one, held = sold_out(2, buyer_limit=2)
    wait(one, "x", buyer="holder"), wait(one, "b")
    stock.confirm(held, order="O", now=NOW)
    stock.cancel_sale(held, [stock.Parcel(one.sku.code, 1)], actor=None, now=NOW)
    Waiter.objects.filter(key="x").update(units=2)
    Allocation.objects.update(waiting=3)
    while tick():
        pass
    assert Waiter.objects.get(key="x").offered == 1
    assert queries.violations() == []


def test_what_is_waited_for_is_held_to_those_who_wait() -> None:
    one, _ = sold_out()
    wait(one, "a", 2)
    Allocation.objects.update(waiting=9)
    assert [(x.balance, x.entries) for x in queries.violations()] == [("waiting", 2)]
    (found,) = queries.drifts()
    assert (found.field, found.before, found.after) == ("waiting", 9, 2)


def test_a_pause_a_stop_and_an_end_offer_nothing() -> None:
    one, held = sold_out()
    wait(one, "a")
    stock.release(held, now=NOW)
    stock.pause_gate("FS-1", now=NOW)
    assert tick() == 0
    stock.resume_gate("FS-1", now=NOW)
    stock.stop_sku([one.pk], actor=None, now=NOW)
    assert tick() == 0
    stock.start_sku([one.pk], actor=None, now=NOW)
    stock.close_gate("FS-1", now=NOW)
    assert tick() == 1 and states() == ["passed"]
    assert Allocation.objects.get().waiting == 0
    assert queries.violations() == []


def test_nobody_waits_for_more_than_they_may_have() -> None:
    one, _ = sold_out(3, order_limit=4, buyer_limit=3)
    for units, why, most in ((5, OrderLimit, 4), (4, BuyerLimit, 3)):
        with pytest.raises(why) as told:
            wait(one, "a", units)
        assert (told.value.field, told.value.detail) == ("units", {"limit": most})
    assert wait(one, "a", 3).state == "waiting"


def test_a_line_for_a_thousand_million_units_is_full() -> None:
    one, _ = sold_out()
    Allocation.objects.update(waiting=1_000_000_000)
    with pytest.raises(BadQuantity, match="Ask for fewer"):
        wait(one, "a")


def test_units_that_are_not_there_are_neither_offered_nor_kept() -> None:
    one, held = sold_out(2)
    wait(one, "a", 3), stock.ring(now=NOW)
    words = {"promise_at": None, "version": Allocation.objects.get().version}
    stock.set_backorder(one.pk, units=5, **words, actor=None, now=NOW)
    assert tick() == 0 and states() == ["waiting"]
    assert hold(one, 1, "late").backordered == 1
    stock.release(held, now=NOW)
    with pytest.raises(NotEnoughStock):
        hold(one, 1, "quick")
    assert tick() == 1 and Waiter.objects.get().offered == 1
    assert hold(one, 4, "late too").backordered == 4
    assert sorted(Backorder.objects.values_list("units", flat=True)) == [1, 4]
    assert queries.violations() == []
