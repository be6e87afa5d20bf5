"""Amendments of a sale in a real shop: its steps are worked off, and all goes back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import Wish
from console.prices.models import Conflict
from console.runbook.models import Step
from console.stock import operations as gate
from console.stock import queries as stock
from console.stock.models import Allocation
from console.stock.rules import Item
from tests import make
from tests.campaigns.amendkit import OPENS, SOLD, World, world
from tests.sandboxed import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox", "world"]
pytestmark = pytest.mark.django_db
DURING = OPENS + timedelta(minutes=10)
AFTER = OPENS + timedelta(hours=3)
LOWER = Wish("SHELL-S", sale_price=Decimal(60))
NEW = Wish("LAMP", sale_price=Decimal(55), units=20, buffer=2)
GONE = Wish("BOOT-42", remove=True)


def closed(world: World) -> None:
    """Let the sale run to its end, and look that nothing is left of it."""
    world.work(until=AFTER)
    assert Campaign.objects.get().state == "closed"
    assert world.sale() == {}
    assert stock.violations() == []
    assert set(
        stock.ats(Allocation.objects.values_list("sku_id", flat=True)).values()
    ) == {100}


def test_a_live_sale_is_amended_and_put_back_whole(world: World) -> None:
    world.work(until=DURING)
    assert world.sale() == dict.fromkeys(SOLD, Decimal(70))
    made = world.amend(LOWER, NEW, GONE)
    assert made.state == "approved"
    world.work(until=DURING + timedelta(minutes=1))
    assert world.sale() == {
        "SHELL-S": Decimal(60),
        "SHELL-M": Decimal(70),
        "LAMP": Decimal(55),
    }
    made.refresh_from_db()
    assert made.state == "applied"
    locked = dict(
        Allocation.objects.filter(returned_at=None).values_list("sku__code", "quantity")
    )
    assert locked == {"SHELL-S": 10, "SHELL-M": 10, "LAMP": 20}
    closed(world)
    assert not Conflict.objects.exists()


def test_what_is_not_in_the_shop_yet_is_rewritten_and_opens_amended(
    world: World,
) -> None:
    steps = Step.objects.count()
    assert world.amend(LOWER, NEW, GONE).state == "applied"
    assert Step.objects.count() == steps
    world.work(until=DURING)
    assert world.sale() == {
        "SHELL-S": Decimal(60),
        "SHELL-M": Decimal(70),
        "LAMP": Decimal(55),
    }
    closed(world)


def test_amended_twice_each_product_is_put_back_once(world: World) -> None:
    world.work(until=DURING)
    world.amend(LOWER, NEW)
    world.work(until=DURING + timedelta(minutes=1))
    world.amend(Wish("SHELL-S", sale_price=Decimal(50)), Wish("LAMP", remove=True))
    world.work(until=DURING + timedelta(minutes=2))
    assert world.sale()["SHELL-S"] == Decimal(50)
    assert "LAMP" not in world.sale()
    closed(world)
    rows = Step.objects.filter(kind="prices.apply").order_by("pk")
    assert [(row.seen or {})["restored"] for row in rows] == [2, 0, 1]


def test_a_product_that_left_and_sells_elsewhere_is_left_alone(world: World) -> None:
    world.work(until=DURING)
    world.amend(GONE)
    world.work(until=DURING + timedelta(minutes=1))
    body = {"campaign": "OTHER", "prices": {"BOOT-42": "80.00"}}
    world.shop.tell("PUT", "/shop/prices", body)
    world.work(until=AFTER)
    assert world.sale() == {"BOOT-42": Decimal(80)}
    assert not Conflict.objects.exists()


def test_an_amendment_whose_steps_never_ran_is_put_back_by_the_sale(
    world: World,
) -> None:
    world.work(until=DURING)
    made = world.amend(LOWER, NEW, GONE)
    operator = make.user("operator")
    campaigns.end_now(
        world.campaign.code, reason="Recall", actor=operator, now=world.now
    )
    Step.objects.filter(key__contains="/amend-1-").exclude(
        kind="campaigns.amended"
    ).update(ready_at=world.now + timedelta(days=1))
    world.work(until=AFTER)
    assert world.sale() == {}
    made.refresh_from_db()
    assert made.state == "approved"
    assert Step.objects.get(key__endswith="amend-1-prices").state == "skipped"


def test_an_aborted_sale_puts_back_what_amendments_set(world: World) -> None:
    world.work(until=DURING)
    made = world.amend(LOWER, NEW, GONE)
    world.work(until=DURING + timedelta(minutes=1))
    waiting = world.propose(Wish("SHELL-M", sale_price=Decimal(65)))
    operator = make.user("operator")
    campaigns.abort(world.campaign.code, reason="Recall", actor=operator, now=world.now)
    world.work(until=DURING + timedelta(minutes=2))
    assert world.sale() == {}
    states = dict(Amendment.objects.values_list("pk", "state"))
    assert states == {made.pk: "applied", waiting.pk: "withdrawn"}


def test_a_price_somebody_changed_during_the_sale_is_kept(world: World) -> None:
    world.work(until=DURING)
    body = {"campaign": world.campaign.code, "prices": {"SHELL-S": "65.00"}}
    world.shop.tell("PUT", "/shop/prices", body)
    world.amend(NEW)
    world.work(until=DURING + timedelta(minutes=1))
    assert world.sale()["SHELL-S"] == Decimal(65)


def test_units_of_a_product_that_left_stay_with_their_buyers(world: World) -> None:
    world.work(until=DURING)
    code = world.campaign.code
    basket = [Item("BOOT-42", 3)]
    held = gate.reserve(code, lines=basket, buyer="b", key="k", now=world.now)
    gate.confirm(held.id, order="O-1", now=world.now)
    world.amend(GONE, Wish("SHELL-M", units=30, buffer=5))
    grown = Allocation.objects.get(sku__code="SHELL-M")
    assert (grown.quantity, grown.buffer) == (30, 5)
    left = Allocation.objects.get(sku__code="BOOT-42")
    assert (left.quantity, left.sellable, left.returned_at) == (3, 0, None)
    world.work(until=AFTER)
    assert stock.violations() == []
    assert stock.ats([left.sku_id]) == {left.sku_id: 97}
