"""Every change of what may be sold is shown in the shops, and read back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.providers.models import Connection
from console.shell.health import Awake
from console.stock import clock, health, publishing, tasks
from console.stock import operations as stock
from console.stock.models import Shopfront, Shown
from console.stock.operations import NothingToSend
from console.stock.operations.wanting import compare, shops
from console.stock.queries.publishing import lag
from console.stock.queries.publishing import shops as told
from console.stock.rules import Item
from console.stock.rules.publishing import AUDIT_EVERY, Publishing
from tests import make
from tests.stock.shopkit import Shelf, count_to, row, stocked, tell

pytestmark = pytest.mark.django_db


def test_a_shop_shows_what_is_free_and_what_the_open_sale_has_left(
    shop: Shelf,
) -> None:
    one = make.allocation(quantity=10, buffer=2)
    make.level(one.sku, units=5)
    make.gate()
    other = make.level(units=7).sku
    shop.sold |= {one.sku.code, other.code}
    now = clock.now()
    stock.reserve("FS-1", lines=[Item(one.sku.code, 3)], buyer="b", key="k", now=now)
    tell()
    assert shop.units == {one.sku.code: 5 + 8 - 3, other.code: 7}
    assert set(Shown.objects.values_list("state", flat=True)) == {"shown"}


def test_an_expired_hold_is_shown_again_without_a_sweeper(shop: Shelf) -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    shop.sold.add(one.sku.code)
    past = clock.now() - timedelta(seconds=61)
    stock.reserve("FS-1", lines=[Item(one.sku.code, 3)], buyer="b", key="k", now=past)
    tell()
    assert shop.units == {one.sku.code: 10}


@pytest.mark.parametrize("act", [stock.pause_gate, stock.close_gate])
def test_what_a_sale_has_left_counts_only_while_it_is_open(shop: Shelf, act) -> None:
    one = make.allocation(quantity=10)
    make.gate()
    shop.sold.add(one.sku.code)
    tell()
    assert shop.units == {one.sku.code: 10}
    act("FS-1", now=clock.now())
    tell()
    assert shop.units == {one.sku.code: 0}


def test_changes_before_it_is_sent_are_one_thing_to_send(shop: Shelf) -> None:
    (code,) = stocked(shop)
    tell()
    calls = shop.calls
    for units in range(20, 40):
        count_to(code, units)
        Shopfront.objects.update(looked_at=None)
        compare(now=clock.now())
    assert Shown.objects.filter(state="waiting").count() == 1
    tell()
    assert (shop.values(code), shop.calls - calls) == ([5, 39], 2)


def test_what_is_the_same_is_not_sent_again(shop: Shelf) -> None:
    stocked(shop, 3)
    tell()
    calls = shop.calls
    tell()
    assert shop.calls == calls


def test_the_lag_counts_from_the_look_before_the_change_was_seen(shop: Shelf) -> None:
    (code,) = stocked(shop)
    assert lag(now=clock.now()) is None
    tell()
    count_to(code, 9)
    before = clock.now() - timedelta(seconds=3)
    Shopfront.objects.update(looked_at=before)
    compare(now=clock.now())
    assert row(code).changed_at == before
    publishing.run_round("shop")
    found = lag(now=clock.now())
    assert found is not None and timedelta(seconds=3) <= found < timedelta(seconds=13)
    assert lag(now=clock.now() + timedelta(hours=2)) is None
    assert told(now=clock.now())[0].lag == found


def test_a_change_while_it_is_sent_waits_for_its_own_turn(
    shop: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = stocked(shop)
    tell()
    count_to(code, 6)
    Shopfront.objects.update(looked_at=None)
    compare(now=clock.now())
    first = row(code).changed_at
    settle = publishing.reading_back.settle

    def late(round_, part, sent, seen, *, pages, now):
        Shown.objects.update(wanted=7, moved_at=now)
        settle(round_, part, sent, seen, pages=pages, now=now)

    monkeypatch.setattr(publishing.reading_back, "settle", late)
    publishing.run_round("shop")
    one = row(code)
    assert (one.state, one.shown, one.wanted) == ("waiting", 6, 7)
    assert one.changed_at > first


def test_a_shop_that_shows_something_else_is_told_again(shop: Shelf) -> None:
    (code,) = stocked(shop)
    shop.units[code], shop.stubborn = 3, True
    tell()
    one = row(code)
    assert (one.state, one.shown, one.tries) == ("waiting", 3, 1)
    assert told(now=clock.now())[0].error == f"{code}: The shop shows 3, not 5."
    shop.stubborn = False
    Shown.objects.update(ready_at=clock.now())
    tell()
    assert (row(code).state, row(code).last_error, shop.units[code]) == ("shown", "", 5)


def test_a_sku_the_shop_does_not_sell_holds_nothing_up(shop: Shelf) -> None:
    (code,) = stocked(shop)
    other = make.level(units=7).sku.code
    tell()
    assert (shop.units, row(other).state) == ({code: 5}, Publishing.UNKNOWN)
    count_to(other, 8)
    calls = shop.calls
    tell()
    assert (shop.calls, row(other).wanted) == (calls, 8)
    shop.sold.add(other)
    Shown.objects.update(read_at=clock.now() - AUDIT_EVERY)
    tell()
    tell()
    assert (shop.units[other], row(other).state) == (8, "shown")
    assert told(now=clock.now())[0].repaired == 0


def test_one_refused_sku_is_named_and_the_others_are_shown(shop: Shelf) -> None:
    codes = stocked(shop, 9)
    shop.refused.add(codes[4])
    tell()
    assert shop.units == {code: 5 for code in codes if code != codes[4]}
    assert row(codes[4]).state == Publishing.FAILED
    (found,) = told(now=clock.now())
    assert (found.failed, found.needs_somebody) == (1, True)
    assert "answered 400" in found.error


def test_a_person_sends_again_what_was_refused(shop: Shelf, operator: Client) -> None:
    (code,) = stocked(shop)
    shop.refused.add(code)
    tell()
    shop.refused.clear()
    there = reverse("stock:send_again", args=["shop"])
    assert operator.post(there, headers={"HX-Request": "true"}).status_code == 204
    tell()
    assert shop.units == {code: 5}
    assert Entry.objects.get(verb="stock.send_again").after["skus"] == 1
    assert operator.post(there).status_code == 409
    with pytest.raises(NothingToSend):
        stock.send_again("other", actor=None, now=clock.now())


def test_nobody_else_sends_again(viewer: Client, shop: Shelf) -> None:
    there = reverse("stock:send_again", args=["shop"])
    assert viewer.post(there).status_code == 403


def test_a_refused_secret_stops_the_shop_until_it_is_edited(shop: Shelf) -> None:
    codes = stocked(shop, 3)
    shop.fail = [401]
    tell()
    calls = shop.calls
    tell()
    assert shop.calls == calls == 1
    (found,) = told(now=clock.now())
    assert found.stopped_at is not None
    assert "Check the secret of this connection." in found.error
    (check,) = health.shops_shown(clock.now())
    assert (check.state, "shop: " in check.note) == (Awake.DOWN, True)
    Connection.objects.update(updated_at=clock.now())
    tell()
    assert shop.units == dict.fromkeys(codes, 5)
    assert told(now=clock.now())[0].error == ""
    (check,) = health.shops_shown(clock.now())
    assert check.state == Awake.OK


def test_a_shop_that_refuses_everything_is_stopped_early(shop: Shelf) -> None:
    stocked(shop, 60)
    shop.refused |= shop.sold
    tell()
    assert told(now=clock.now())[0].stopped_at is not None
    assert shop.calls < 60


def test_a_shop_in_trouble_is_left_alone_for_as_long_as_it_asks(shop: Shelf) -> None:
    (code,) = stocked(shop)
    shop.fail = [429]
    tell()
    now = clock.now()
    front = Shopfront.objects.get()
    assert front.held_until is not None
    assert timedelta() < front.held_until - now <= timedelta(seconds=1)
    tell()
    assert shop.calls == 1
    Shopfront.objects.update(held_until=now)
    tell()
    assert shop.units == {code: 5}
    assert Shopfront.objects.get().failures == 0


def test_what_somebody_changed_at_the_shop_is_found_and_set_right(shop: Shelf) -> None:
    codes = stocked(shop, 4)
    tell()
    shop.units[codes[1]] = 99
    tell()
    assert shop.units[codes[1]] == 99, "not read yet"
    Shown.objects.update(read_at=clock.now() - AUDIT_EVERY)
    tell()
    tell()
    assert shop.units == dict.fromkeys(codes, 5)
    assert told(now=clock.now())[0].repaired == 1


def test_no_two_calls_share_a_key(shop: Shelf) -> None:
    """A number that comes back is no repetition."""
    (code,) = stocked(shop)
    for units in (5, 6, 5):
        count_to(code, units)
        tell()
    assert shop.values(code) == [5, 6, 5]
    assert len(set(shop.keys)) == 3


def test_a_connection_that_wants_none_is_left_alone(shop: Shelf) -> None:
    stocked(shop)
    make.connection("cloud", driver="sandbox_cloud")
    tell()
    assert shops() == ["shop"]
    Connection.objects.filter(name="shop").update(options={"publish_stock": False})
    count = shop.calls
    tell()
    assert (shops(), shop.calls, Shown.objects.count()) == ([], count, 0)
    assert list(health.shops_shown(clock.now())) == []


def test_a_worker_that_hears_no_bell_tells_the_shops_by_itself(shop: Shelf) -> None:
    (code,) = stocked(shop)
    tasks.look()
    assert shop.units == {code: 5}
    tasks.look()
    assert len(shop.told) == 1
