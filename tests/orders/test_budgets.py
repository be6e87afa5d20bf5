"""Budgets: what is used of each, and a sale that ends in order, once, when one is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import budgets as exhausting
from console.campaigns.operations import ends
from console.campaigns.operations.changes import hash_of
from console.campaigns.rules.budgets import used_up, uses
from console.orders import budgets
from console.orders.queries.spent import budget
from console.stock import operations as stock
from console.stock.models import SaleGate
from console.stock.rules import GateClosed, Item
from tests import make
from tests.racing import in_parallel
from tests.report.conftest import CODE, OPENED, offer, pay, sale

__all__ = ["sale"]
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db
NOW = OPENED + timedelta(minutes=5)


def limited(**limits: Any) -> Campaign:
    Campaign.objects.filter(code=CODE).update(**limits)
    return Campaign.objects.get(code=CODE)


@pytest.mark.parametrize(
    "limits,key",
    [
        ({"budget_units": 3}, "units"),
        ({"budget_discount": Decimal(90)}, "discount"),
        ({"budget_gmv": Decimal(210)}, "gmv"),
    ],
)
def test_each_budget_ends_the_sale_in_order_and_once(
    sale: Campaign, limits: dict[str, Any], key: str
) -> None:
    offer(("SKU-A", 10, 0))
    one = limited(**limits)
    pay("a", units=2)
    assert budgets.watch(now=NOW) == 0
    assert [use.percent for use in budget(one)] == [pytest.approx(66.67, abs=0.01)]
    pay("b", units=1)
    assert budgets.watch(now=NOW) == 1
    assert budgets.watch(now=NOW) == 0
    one.refresh_from_db()
    assert (one.state, one.exhausted_by, one.ended_at) == ("ending", key, NOW)
    assert SaleGate.objects.get(campaign=CODE).state == "closed"
    assert Entry.objects.filter(verb="campaign.exhaust").count() == 1


def test_what_goes_beyond_is_at_most_what_was_held(sale: Campaign) -> None:
    offer(("SKU-A", 20, 0))
    limited(budget_units=3)
    held = [
        stock.reserve(CODE, lines=[Item("SKU-A", 2)], buyer=b, key=b, now=NOW)
        for b in "xyz"
    ]
    stock.confirm(held[0].id, order="O-1", now=NOW)
    assert budgets.watch(now=NOW) == 0
    stock.confirm(held[1].id, order="O-2", now=NOW)
    assert budgets.watch(now=NOW) == 1
    with pytest.raises(GateClosed):
        stock.reserve(CODE, lines=[Item("SKU-A", 1)], buyer="n", key="n", now=NOW)
    stock.confirm(held[2].id, order="O-3", now=NOW)
    (use,) = budget(Campaign.objects.get(code=CODE))
    assert use.used - use.limit == 3, "6 sold: the 2 held, and 1 in the order before"


def test_a_sale_without_budgets_is_never_asked(sale: Campaign) -> None:
    offer(("SKU-A", 10, 0))
    pay("a", units=5)
    assert budgets.watch(now=NOW) == 0
    assert budget(sale) == []


def test_a_list_price_of_another_currency_is_no_discount(sale: Campaign) -> None:
    """Of a product that is no line of the sale any more, as after an amendment."""
    offer(("SKU-A", 10, 0))
    pay("a", units=2)
    sale.lines.all().delete()
    for currency, used in {"EUR": 60, "JPY": 0}.items():
        one = limited(budget_discount=Decimal(90), currency=currency)
        assert [use.used for use in budget(one)] == [used]


def test_the_first_budget_that_is_used_up_is_named() -> None:
    found = uses(
        units=(5, 10),
        discount=(Decimal(9), Decimal(9)),
        gmv=(Decimal(99), Decimal(9)),
    )
    used = used_up(found)
    assert used is not None
    assert (used.key, used.left, used.tone) == ("discount", 0, "bad")
    assert (
        used_up(
            uses(units=(1, None), discount=(Decimal(1), None), gmv=(Decimal(1), None))
        )
        is None
    )


def test_the_bars_are_shown_where_there_are_budgets(
    client: Client, sale: Campaign
) -> None:
    client.force_login(make.user("viewer"))
    there = reverse("orders:budget", args=[CODE])
    assert "hidden" in client.get(there, headers=HTMX).text.split(">")[0]
    limited(budget_units=4)
    page = client.get(there, headers=HTMX).text
    assert "0 of 4" in page
    assert 'role="meter"' in page
    assert there in client.get(reverse("campaigns:plan", args=[CODE])).content.decode()
    assert there in client.get(reverse("live:board", args=[CODE])).content.decode()


def test_limits_are_part_of_what_is_approved_and_old_hashes_stay(
    sale: Campaign,
) -> None:
    before = hash_of(sale)
    sale.budget_units = 5
    assert hash_of(sale) != before
    sale.budget_units = None
    assert hash_of(sale) == before
    named = pytest.raises(IntegrityError, match="campaign_limits_are_positive")
    with named, transaction.atomic():
        limited(order_limit=0)


def ticks() -> int:
    """How often three ticks at once end a sale whose budget is used up."""
    made = make.armed(budget_units=1)
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(made.code, actor=None, now=make.NOW)
    code = made.lines.get().sku.code
    held = stock.reserve(
        made.code, lines=[Item(code, 1)], buyer="b", key="k", now=make.NOW
    )
    stock.confirm(held.id, order="O-1", now=make.NOW)
    in_parallel(3, lambda _: budgets.watch(now=make.NOW))
    return Entry.objects.filter(verb="campaign.exhaust").count()


@pytest.mark.django_db(transaction=True)
def test_ticks_at_once_end_it_once() -> None:
    assert ticks() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_each_tick_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlocked(code: str) -> Campaign:
        found = Campaign.objects.get(code=code)
        sleep(0.4)
        return found

    monkeypatch.setattr(exhausting, "locked", unlocked)
    monkeypatch.setattr(ends, "own", lambda _campaign: None)
    monkeypatch.setattr(ends.plans, "drop_opening", lambda *_, **__: None)
    assert ticks() > 1
