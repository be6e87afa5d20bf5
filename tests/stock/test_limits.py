"""Purchase limits: nobody gets past them unseen, and ops see who tries."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, LimitBreach
from console.stock.rules import BuyerLimit, Item, OrderLimit
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

MINUTE = timedelta(minutes=1)


def hold(
    one: Allocation, units: int = 1, *, buyer: str = "b", at: datetime = NOW
) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer=buyer, key=uuid4().hex, now=at)


def refused(one: Allocation, units: int, **more: object) -> None:
    with pytest.raises((BuyerLimit, OrderLimit)):
        hold(one, units, **more)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_parallel_unpaid_orders_of_one_buyer_stay_within_the_limit() -> None:
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=3)
    got = in_parallel(8, lambda _: hold(one))
    assert sum(isinstance(x, stock.Held) for x in got) == 3
    assert sum(isinstance(x, BuyerLimit) for x in got) == 5
    assert Allocation.objects.get().taken == 3
    (breach,) = LimitBreach.objects.all()
    assert (breach.buyer, breach.rule, breach.times) == ("b", "buyer_limit", 5)


@pytest.mark.django_db(transaction=True)
def test_control_counting_before_without_the_lock_lets_more_through() -> None:
    """The count and the hold apart, as a shop that asks first would do it."""
    one = make.allocation(quantity=50)
    make.gate()

    def careless(_: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stock_used('FS-1', 'b', %s)", [NOW])
            ((used,),) = cursor.fetchall()
            cursor.execute("SELECT pg_sleep(0.05)")
        if used < 3:
            hold(one)
        return bool(used < 3)

    assert in_parallel(8, careless).count(True) > 3
    assert Allocation.objects.get().taken > 3


@pytest.mark.django_db(transaction=True)
def test_two_late_payments_at_once_are_both_seen() -> None:
    """Each alone is within the limit; the second to commit sees the first."""
    one = make.allocation(quantity=50)
    make.gate(buyer_limit=2, hold_ttl_s=60)
    late = [hold(one, 2, at=NOW + n * 2 * MINUTE) for n in range(2)]
    after = NOW + 9 * MINUTE
    in_parallel(2, lambda n: stock.confirm(late[n].id, order=f"O-{n}", now=after))
    (over,) = queries.limits("FS-1", now=after).over
    assert (over.buyer, over.has) == ("b", 4)


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
