"""Reserving, paying and giving back through the database's own functions."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Reservation, Shortfall
from console.stock.rules import (
    AlreadyConfirmed,
    BuyerLimit,
    GateClosed,
    GatePaused,
    IdempotencyMismatch,
    Item,
    NotEnoughStock,
    OrderLimit,
    OtherOrder,
    UnknownCampaign,
    UnknownReservation,
    UnknownSku,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def hold(
    *items: Item,
    key: str = "",
    buyer: str = "b-1",
    now=NOW,
    campaign="FS-1",
    ttl_s=None,
) -> stock.Held:
    return stock.reserve(
        campaign,
        lines=items,
        buyer=buyer,
        key=key or uuid4().hex,
        ttl_s=ttl_s,
        now=now,
    )


def left(now=NOW, campaign="FS-1") -> dict[str, int]:
    return {x.sku_code: x.left for x in queries.counters(campaign, now=now)}


def test_reserve_stops_at_the_buffer() -> None:
    one = make.allocation(quantity=10, buffer=4)
    make.gate()
    hold(Item(one.sku.code, 6))
    with pytest.raises(NotEnoughStock) as refused:
        hold(Item(one.sku.code, 1))
    assert refused.value.detail == {"sku": one.sku.code, "left": 0}
    assert refused.value.field == "lines[0].units"


def test_reserve_takes_all_lines_or_none() -> None:
    one, two = make.allocation(quantity=5), None
    two = make.allocation(quantity=1, campaign="FS-2")
    make.gate()
    with pytest.raises(UnknownSku):
        hold(Item(one.sku.code, 1), Item(two.sku.code, 1))
    assert left() == {one.sku.code: 5}
    assert Reservation.objects.count() == 0


def test_reserve_sums_lines_of_one_sku() -> None:
    one = make.allocation(quantity=1)
    make.gate()
    with pytest.raises(NotEnoughStock):
        hold(Item(one.sku.code, 1), Item(one.sku.code, 1))
    assert left() == {one.sku.code: 1}


def test_the_same_key_answers_the_same() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    first = hold(Item(one.sku.code, 2), key="k-1")
    again = hold(Item(one.sku.code, 2), key="k-1", now=NOW + timedelta(seconds=5))
    assert (again.id, again.expires_at, again.replayed) == (
        first.id,
        first.expires_at,
        True,
    )
    assert left() == {one.sku.code: 8}


def test_the_same_key_with_another_body_is_refused() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    hold(Item(one.sku.code, 2), key="k-1")
    with pytest.raises(IdempotencyMismatch) as refused:
        hold(Item(one.sku.code, 3), key="k-1")
    assert refused.value.status == 422
    assert left() == {one.sku.code: 8}


def test_the_same_key_of_another_buyer_is_another_request() -> None:
    one = make.allocation(quantity=5)
    make.gate()
    mine, theirs = (hold(Item(one.sku.code, 2), key="k", buyer=b) for b in "ab")
    assert mine.id != theirs.id
    assert not theirs.replayed
    assert left() == {one.sku.code: 1}


def test_an_expired_hold_stops_counting_at_once_without_a_sweeper() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    hold(Item(one.sku.code, 3))
    just_before = NOW + timedelta(seconds=59.999)
    at_expiry = NOW + timedelta(seconds=60)
    with pytest.raises(NotEnoughStock):
        hold(Item(one.sku.code, 1), now=just_before)
    assert left(just_before) == {one.sku.code: 0}
    assert queries.active_holds("FS-1", now=just_before) == 1
    assert left(at_expiry) == {one.sku.code: 3}
    assert queries.active_holds("FS-1", now=at_expiry) == 0
    hold(Item(one.sku.code, 3), now=at_expiry)
    assert queries.violations() == []


def test_the_sweeper_only_tidies() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    held = hold(Item(one.sku.code, 2))
    later = NOW + timedelta(seconds=61)
    before = left(later)
    assert stock.sweep(now=later) == 1
    assert left(later) == before
    assert Reservation.objects.get(pk=held.id).state == "expired"
    assert Allocation.objects.get(pk=one.pk).taken == 0
    assert stock.sweep(now=later) == 0
    assert queries.violations() == []


def test_confirm_is_idempotent() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    held = hold(Item(one.sku.code, 2))
    for _ in range(2):
        paid = stock.confirm(held.id, order="O-1", now=NOW)
        assert paid == stock.Confirmed(held.id, "O-1", 0)
    (count,) = queries.counters("FS-1", now=NOW)
    assert (count.sold, count.reserved, count.left) == (2, 0, 1)
    with pytest.raises(OtherOrder) as refused:
        stock.confirm(held.id, order="O-2", now=NOW)
    assert refused.value.field == "order"
    assert queries.violations() == []


def test_paying_late_takes_the_units_again_if_they_are_there() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    held = hold(Item(one.sku.code, 2))
    later = NOW + timedelta(seconds=61)
    stock.sweep(now=later)
    assert stock.confirm(held.id, order="O-1", now=later).shortfall == 0
    assert left(later) == {one.sku.code: 1}
    assert queries.violations() == []


def test_paying_late_with_none_left_is_a_shortfall_and_never_negative() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    held = hold(Item(one.sku.code, 2))
    later = NOW + timedelta(seconds=61)
    hold(Item(one.sku.code, 2), now=later, buyer="b-2")
    for _ in range(2):
        assert stock.confirm(held.id, order="O-1", now=later).shortfall == 1
    assert list(Shortfall.objects.values_list("order", "units")) == [("O-1", 1)]
    assert left(later) == {one.sku.code: 0}
    assert queries.oversold("FS-1") == 0
    assert queries.violations() == []


def test_release_gives_back_once() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    held = hold(Item(one.sku.code, 2))
    for _ in range(2):
        stock.release(held.id, now=NOW)
    assert left() == {one.sku.code: 3}
    assert queries.violations() == []


def test_release_of_a_paid_hold_is_refused() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    held = hold(Item(one.sku.code, 2))
    stock.confirm(held.id, order="O-1", now=NOW)
    with pytest.raises(AlreadyConfirmed) as refused:
        stock.release(held.id, now=NOW)
    assert refused.value.field == "id"


def test_unknown_reservations_are_refused() -> None:
    with pytest.raises(UnknownReservation) as refused:
        stock.confirm(uuid4(), order="O-1", now=NOW)
    assert refused.value.field == "id"
    with pytest.raises(UnknownReservation) as refused:
        stock.release(uuid4(), now=NOW)
    assert refused.value.field == "id"


def test_the_buyer_limit_counts_unpaid_holds() -> None:
    one = make.allocation(quantity=10)
    make.gate(buyer_limit=3, hold_ttl_s=60)
    first = hold(Item(one.sku.code, 2))
    with pytest.raises(BuyerLimit) as refused:
        hold(Item(one.sku.code, 2))
    assert refused.value.detail == {"left": 1}
    hold(Item(one.sku.code, 1))
    hold(Item(one.sku.code, 3), buyer="b-2")
    stock.confirm(first.id, order="O-1", now=NOW)
    later = NOW + timedelta(seconds=60)
    hold(Item(one.sku.code, 1), now=later)
    with pytest.raises(BuyerLimit):
        hold(Item(one.sku.code, 1), now=later)


def test_the_order_limit_counts_all_lines_of_one_basket() -> None:
    one = make.allocation(quantity=10)
    make.gate(order_limit=3, hold_ttl_s=60)
    with pytest.raises(OrderLimit) as refused:
        hold(Item(one.sku.code, 2), Item(one.sku.code, 2))
    assert (refused.value.code, refused.value.detail) == ("order_limit", {"limit": 3})
    for _ in range(2):
        hold(Item(one.sku.code, 3))


def test_a_paused_or_closed_gate_refuses_with_its_code() -> None:
    one = make.allocation(quantity=10)
    with pytest.raises(UnknownCampaign):
        hold(Item(one.sku.code, 1))
    make.gate()
    stock.pause_gate("FS-1", now=NOW)
    with pytest.raises(GatePaused) as refused:
        hold(Item(one.sku.code, 1))
    assert refused.value.field == "campaign"
    stock.resume_gate("FS-1", now=NOW)
    held = hold(Item(one.sku.code, 1))
    stock.close_gate("FS-1", now=NOW)
    with pytest.raises(GateClosed) as refused:
        hold(Item(one.sku.code, 1))
    assert refused.value.field == "campaign"
    assert stock.confirm(held.id, order="O-1", now=NOW).shortfall == 0
    with pytest.raises(GateClosed) as refused:
        stock.resume_gate("FS-1", now=NOW)
    assert refused.value.field == "campaign"
    with pytest.raises(GateClosed) as refused:
        stock.open_gate("FS-1", now=NOW)
    assert refused.value.field == "campaign"
