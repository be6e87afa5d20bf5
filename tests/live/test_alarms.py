"""What is alarming: purchase limits that buyers meet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns.models import Campaign
from console.live import alarms, reading, sales
from console.stock import clock
from console.stock import operations as stock
from console.stock.feed_body import Body
from console.stock.models import (
    Allocation,
    Feed,
    Reservation,
    SaleGate,
    Shopfront,
    Shortfall,
    Shown,
    Source,
)
from console.stock.operations.feeds import take_in
from console.stock.rules import BuyerLimit, Item
from console.stock.rules.shortfalls import Resolution
from tests import make
from tests.live.conftest import OPENED
from tests.stock.feedkit import feed, told

pytestmark = pytest.mark.django_db


def _about_limits(age_s: float) -> dict[str, str]:
    sale = sales.named("FS-1")
    assert sale is not None
    facts = reading.read(sale, now=OPENED + timedelta(seconds=age_s))
    found = [one for one in alarms.judge(facts) if one.act == "limits"]
    return {one.title: one.detail for one in found}


def test_buyers_who_meet_a_purchase_limit_are_told(sale: Campaign) -> None:
    """Who paid late and has too much, and who asks again and again."""
    SaleGate.objects.update(buyer_limit=2, hold_ttl_s=60)
    one = make.allocation(quantity=99)

    def ask(units: int, buyer: str, key: str, age_s: int) -> stock.Held:
        lines, now = [Item(one.sku.code, units)], OPENED + timedelta(seconds=age_s)
        return stock.reserve("FS-1", lines=lines, buyer=buyer, key=key, now=now)

    late, _ = ask(2, "b-17", "early", 0), ask(2, "b-17", "late", 90)
    stock.confirm(late.id, order="O-1", now=OPENED + timedelta(seconds=91))
    for number in range(19):
        with pytest.raises(BuyerLimit):
            ask(3, "bot", f"bot {number}", 92)
    assert _about_limits(95) == {
        "A buyer is over the limit of 2": "b-17 has 4. They paid after their hold had"
        " run out."
    }
    with pytest.raises(BuyerLimit):
        ask(3, "bot", "once more", 96)
    assert "bot was refused 20 times" in _about_limits(97)


def test_a_balance_that_the_ledger_denies_is_an_alarm(sale: Campaign) -> None:
    one = make.allocation(quantity=9)
    stock.audit(now=clock.now())
    assert _books() == []
    Source.objects.filter(allocation=one).update(units=8)
    stock.audit(now=clock.now() + timedelta(minutes=1))
    assert _books() == ["2 balances differ from the ledger"]


def test_units_that_nobody_can_buy_are_an_alarm(sale: Campaign) -> None:
    one = make.allocation(quantity=9)
    stock.look_for_stuck(now=clock.now())
    assert _told("stuck") == []
    Allocation.objects.filter(pk=one.pk).update(taken=2)
    stock.look_for_stuck(now=clock.now())
    assert _told("stuck") == ["2 units neither for sale nor sold"]


def test_paid_units_that_are_missing_are_an_alarm_until_they_are_settled(
    sale: Campaign,
) -> None:
    one = make.allocation(quantity=2)
    line = [Item(one.sku.code, 2)]
    for buyer, age_s in (("late", 0), ("soon", 700)):
        at = OPENED + timedelta(seconds=age_s)
        held = stock.reserve("FS-1", lines=line, buyer=buyer, key=buyer, now=at)
        if buyer == "soon":
            stock.confirm(held.id, order="O-soon", now=at)
    late = Reservation.objects.get(buyer="late")
    stock.confirm(late.pk, order="O-late", now=OPENED + timedelta(seconds=800))
    assert _told("shortfall") == ["Missing: 2 paid units"]
    stock.resolve_shortfall(
        Shortfall.objects.get().pk,
        resolution=Resolution.REFUND,
        actor=make.user("operator"),
        now=clock.now(),
    )
    assert _told("shortfall") == []


def _books() -> list[str]:
    return _told("books")


def _told(key: str) -> list[str]:
    sale = sales.named("FS-1")
    assert sale is not None
    facts = reading.read(sale, now=OPENED)
    return [one.title for one in alarms.judge(facts) if one.key == key]


def test_a_shop_that_shows_old_stock_is_an_alarm(sale: Campaign) -> None:
    assert _shops() == []
    shop = Shopfront.objects.create(connection="shop", looked_at=OPENED)
    sku = make.sku()
    Shown.objects.create(
        connection="shop", sku=sku, wanted=5, state="waiting", changed_at=OPENED,
        moved_at=OPENED, ready_at=OPENED,
    )  # fmt: skip
    assert _shops() == []
    Shown.objects.update(changed_at=OPENED - timedelta(seconds=31))
    assert _shops() == [("warn", "Waiting: 1 SKU.")]
    Shopfront.objects.filter(pk=shop.pk).update(stopped_at=OPENED, error="No secret.")
    assert _shops() == [("bad", "No secret. Look at Stock, Shown in shops.")]


def _shops() -> list[tuple[str, str]]:
    sale = sales.named("FS-1")
    assert sale is not None
    found = alarms.judge(reading.read(sale, now=OPENED))
    return [(one.tone, one.detail) for one in found if one.key == "shop:shop"]


def test_a_feed_that_is_late_is_an_alarm(sale: Campaign) -> None:
    till = feed()
    take_in(till, Body([], OPENED), now=OPENED)
    found = sales.named("FS-1")
    assert found is not None

    def alarm(after_s: int) -> list[str]:
        facts = reading.read(found, now=OPENED + timedelta(seconds=after_s))
        return [x.detail for x in alarms.judge(facts) if x.key == "feed:till"]

    assert alarm(300) == []
    Feed.objects.update(late=timedelta(minutes=20))
    assert alarm(300) == ["Movements are told of 1,200 s late."]
    Feed.objects.update(late=None)
    assert alarm(301) == ["What it told ends 301 s ago."]


def test_units_that_left_elsewhere_though_they_are_promised_are_an_alarm(
    sale: Campaign,
) -> None:
    """The feed is not late: what it tells does not fit."""
    one = make.allocation(quantity=5)
    till, found = feed(), sales.named("FS-1")
    assert found is not None
    gone = told("s", "sold", 3, sku=one.sku.code, at=_place(one), now=OPENED)

    def alarm() -> list[tuple[str, str]]:
        facts = reading.read(found, now=OPENED)
        return [(x.tone, x.title) for x in alarms.judge(facts) if x.key == "gone"]

    assert alarm() == []
    take_in(till, Body([gone], OPENED), now=OPENED)
    assert alarm() == [("bad", "3 units of the sale left elsewhere")]


def _place(one: Allocation) -> str:
    return str(Source.objects.get(allocation=one).location.name)
