"""Purchase limits: nobody gets past them unseen, and ops see who tries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, LimitBreach
from console.stock.rules import BuyerLimit, Item, OrderLimit, Want
from tests import make
from tests.make import NOW
from tests.stock.ourcode import (
    BUYERS_COUNTED,
    BUYERS_READ,
    LOCKED_BUYERS,
    PAYING_BUYERS,
    race,
)

MINUTE = timedelta(minutes=1)


def hold(
    one: Allocation, units: int = 1, *, buyer: str = "b", at: datetime = NOW
) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer=buyer, key=uuid4().hex, now=at)


def refused(one: Allocation, units: int, **more: object) -> None:
    with pytest.raises((BuyerLimit, OrderLimit)):
        hold(one, units, **more)  # type: ignore[arg-type]


def eight_orders(
    limit: int, *, without: Sequence[str] = ()
) -> list[stock.Held | Exception]:
    """What one buyer got who may have so many units, of two SKUs at once.

    No other lock keeps orders for different SKUs apart.
    """
    skus = [make.level(units=50).sku for _ in range(2)]
    wants = [Want(sku.pk, 50) for sku in skus]
    found = stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate(buyer_limit=limit)
    act = lambda n: hold(found[n % 2])  # noqa: E731
    return race(8, act, "reserve", stop=BUYERS_READ, without=without)


@pytest.mark.django_db(transaction=True)
def test_parallel_unpaid_orders_of_one_buyer_stay_within_the_limit() -> None:
    got = eight_orders(3)
    assert sum(isinstance(x, stock.Held) for x in got) == 3
    assert sum(isinstance(x, BuyerLimit) for x in got) == 5
    assert sum(one.taken for one in Allocation.objects.all()) == 3
    (breach,) = LimitBreach.objects.all()
    assert (breach.buyer, breach.rule, breach.times) == ("b", "buyer_limit", 5)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_of_the_buyer_more_get_through() -> None:
    got = eight_orders(1, without=[LOCKED_BUYERS])  # the first of each SKU meet
    assert sum(isinstance(x, stock.Held) for x in got) > 1
    assert sum(one.taken for one in Allocation.objects.all()) > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_late_payments_at_once_are_both_seen(guarded: bool) -> None:
    """Each alone is within the limit; the second to commit sees the first."""
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=2, hold_ttl_s=60)
    late = [hold(one, 2, at=NOW + n * 2 * MINUTE) for n in range(2)]
    after = NOW + 9 * MINUTE
    without = [] if guarded else [PAYING_BUYERS]

    def pay(number: int) -> None:
        stock.confirm(late[number].id, order=f"O-{number}", now=after)

    race(2, pay, "settle", stop=BUYERS_COUNTED, without=without)
    over = queries.limits("FS-1", now=after).over
    assert [(x.buyer, x.has) for x in over] == ([("b", 4)] if guarded else [])


@pytest.mark.django_db
def test_who_is_refused_is_told_with_how_often_and_how_much() -> None:
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=3, order_limit=2)
    hold(one, 2)
    for units in (2, 2):
        refused(one, units)
    refused(one, 9, buyer="c", at=NOW + MINUTE)
    found = queries.listed("FS-1", now=NOW + 2 * MINUTE)
    told = [(x.buyer, x.rule, x.times, x.units) for x in found.refused]
    assert told == [("c", "order_limit", 1, 9), ("b", "buyer_limit", 2, 2)]
    assert (found.buyers, found.tries, found.over) == (2, 3, [])
    assert found.lately and found.lately.buyer == "b"
    assert queries.limits("FS-1", now=NOW + 7 * MINUTE).lately is None


@pytest.mark.django_db
def test_paying_late_can_take_a_buyer_over_and_is_told() -> None:
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=2, hold_ttl_s=60)
    late, held = hold(one, 2), hold(one, 2, at=NOW + 2 * MINUTE)
    after = NOW + 2 * MINUTE
    assert stock.confirm(late.id, order="O-1", now=after).shortfall == 0
    (over,) = queries.limits("FS-1", now=after).over
    assert (over.buyer, over.has, over.times) == ("b", 4, 1)
    stock.release(held.id, now=after)
    assert queries.limits("FS-1", now=after).over == []


@pytest.mark.django_db
def test_paying_late_within_the_limit_is_nobodys_business() -> None:
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=2, hold_ttl_s=60)
    for _ in range(2):
        stock.confirm(hold(one, 1).id, order="O-1", now=NOW + 2 * MINUTE)
    assert not LimitBreach.objects.exists()


@pytest.mark.django_db
def test_a_sale_without_limits_has_none_to_watch(client: Client) -> None:
    one = make.allocation()
    make.gate()
    hold(one, 50)
    assert not queries.limits("FS-1", now=NOW).any
    assert not queries.limits("FS-2", now=NOW).any
    client.force_login(make.user("viewer"))
    page = client.get(reverse("stock:panel", args=["FS-1"])).text
    assert 'id="limits" aria-labelledby="lim-t" hidden' in page


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_the_stock_page_lists_who_met_a_limit(
    client: Client, still_clock: None, django_assert_num_queries
) -> None:
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=2, hold_ttl_s=60)
    late = hold(one, 2, buyer="<b>late</b>")
    hold(one, 2, buyer="<b>late</b>", at=NOW + 2 * MINUTE)
    stock.confirm(late.id, order="O-1", now=NOW + 2 * MINUTE)
    for number in range(3):
        refused(one, 3, buyer=f"greedy-{number}")
    client.force_login(make.user("viewer"))
    url = reverse("stock:limits", args=["FS-1"])
    client.get(url, headers={"HX-Request": "true"})
    with django_assert_num_queries(9):
        page = client.get(url, headers={"HX-Request": "true"}).text
    assert "2 a buyer, 3 tries of 3 buyers refused" in page
    assert "&lt;b&gt;late&lt;/b&gt;" in page
    assert "greedy-2" in page
    assert "Paid late, over the limit" in page
