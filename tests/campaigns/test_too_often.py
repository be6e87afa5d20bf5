"""The whole calendar by the policies of SKUs: what counts, who judges, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries.too_often import TooOften, too_often
from console.fatigue import operations as fatigue
from console.fatigue.rules import (
    EACH_SKU,
    FREE,
    Counts,
    Kind,
    Limits,
    Rule,
    Scope,
)
from console.stock.models import Sku
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)
REST = replace(FREE, min_gap_days=14, gap_counts=Counts.ROLLING, zone="UTC")
HTMX = {"HX-Request": "true"}


def sold(code: str, *skus: str, days: float, state: str = "", **values: object) -> None:
    """An approved sale of these SKUs, moved since: it opens in so many days."""
    free = NOW + (9 + Campaign.objects.count()) * DAY
    one = make.campaign(lines=0, code=code, name=f"Sale {code}", opens_at=free)
    for sku in skus:
        if not Sku.objects.filter(code=sku).exists():
            make.line(one, author=one.author, code=sku, units=1)
            continue
        terms = campaigns.LineTerms(sale_price=Decimal(70), units=1)
        campaigns.add_line(code, sku_code=sku, values=terms, actor=one.author, now=NOW)
    sent = campaigns.submit(code, actor=one.author, now=NOW)
    campaigns.approve(
        code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )
    opens = NOW + days * DAY
    moved = {"opens_at": opens, "closes_at": opens + DAY / 12} | values
    Campaign.objects.filter(code=code).update(
        **moved, state=state or Campaign.objects.get(code=code).state
    )


def policy(scope: Scope, limits: Limits) -> None:
    fatigue.add_policy(scope, limits, reason="", actor=None, now=NOW)


def pairs(found: TooOften) -> list[tuple[str, str, str]]:
    return [(one.sku, one.sale.code, one.before.code) for one in found.first]


def test_two_sales_too_near_are_told_with_the_one_before() -> None:
    sold("FS-1", "A", "B", days=1)
    sold("FS-2", "B", "C", days=4)
    policy(EACH_SKU, REST)
    found = too_often(now=NOW)
    assert pairs(found) == [("B", "FS-2", "FS-1")]
    assert (found.sales, found.products, found.ahead, found.count) == (2, 1, 1, 1)
    (one,) = found.first
    assert (one.rule, one.to_come) == (Rule.MIN_GAP, True)
    assert one.text.startswith("2.9 d after Sale FS-1 (FS-1); rest is 14 d")


def test_a_cap_names_the_first_of_those_that_are_too_many() -> None:
    for number in range(3):
        sold(f"FS-{number}", "A", days=20 * number + 1)
    policy(EACH_SKU, replace(FREE, max_sales=2, window_days=90))
    (one,) = too_often(now=NOW).first
    assert (one.rule, one.sale.code, one.before.code) == (
        Rule.MAX_SALES,
        "FS-2",
        "FS-0",
    )


def test_a_product_with_a_policy_of_its_own_is_judged_by_that_alone() -> None:
    sold("FS-1", "A", "B", days=1)
    sold("FS-2", "A", "B", days=4)
    policy(EACH_SKU, REST)
    policy(Scope(Kind.SKU, "A"), replace(REST, min_gap_days=2))
    assert pairs(too_often(now=NOW)) == [("B", "FS-2", "FS-1")]
    policy(Scope(Kind.SKU, "B"), replace(REST, min_gap_days=0, max_sales=1))
    assert [one.rule for one in too_often(now=NOW).first] == [Rule.MAX_SALES]


def test_only_sales_that_count_are_looked_at() -> None:
    sold("FS-1", "A", days=1)
    sold("FS-2", "A", days=3, state="draft")
    sold("FS-3", "A", days=5, state="aborted")
    policy(EACH_SKU, REST)
    assert (too_often(now=NOW).sales, too_often(now=NOW).count) == (1, 0)
    Campaign.objects.filter(code="FS-3").update(opened_at=NOW + 5 * DAY)
    assert pairs(too_often(now=NOW)) == [("A", "FS-3", "FS-1")]


def test_rest_begins_where_a_sale_was_ended() -> None:
    sold("FS-1", "A", days=-20, state="closed", closes_at=NOW - 5 * DAY)
    sold("FS-2", "A", days=2)
    policy(EACH_SKU, REST)
    assert too_often(now=NOW).count == 1
    Campaign.objects.filter(code="FS-1").update(ended_at=NOW - 19 * DAY)
    assert too_often(now=NOW).count == 0


def test_the_next_sales_come_first_then_the_latest_past_ones() -> None:
    for number, days in enumerate((-40, -30, -20, 1, 8), start=1):
        sold(f"FS-{number}", "A", "B", days=days)
    policy(EACH_SKU, REST)
    found = too_often(now=NOW, most=5)
    told = [(sku, code) for sku, code, _ in pairs(found)]
    assert told == [("A", "FS-5"), ("B", "FS-5"), ("A", "FS-3"), ("B", "FS-3"),
                    ("A", "FS-2")]  # fmt: skip
    assert (found.count, found.more, found.products, found.ahead) == (6, 1, 2, 2)
    assert [one.to_come for one in found.first] == [True, True, False, False, False]


def test_without_a_limit_of_products_nothing_is_too_often() -> None:
    assert too_often(now=NOW) == TooOften(False, 0)
    sold("FS-1", "A", days=1)
    sold("FS-2", "A", days=1)
    assert too_often(now=NOW) == TooOften(False, 2)
    policy(EACH_SKU, FREE)
    assert too_often(now=NOW) == TooOften(False, 2)


def test_an_empty_calendar_is_in_order() -> None:
    policy(EACH_SKU, REST)
    policy(Scope(Kind.SKU, "GONE"), replace(REST, max_sales=1))
    assert too_often(now=NOW) == TooOften(True, 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_card_asks_as_little_for_many_sales_as_for_one(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows + 1):
        sold(f"FS-{number}", "A", "B", days=3 * number + 1)
    policy(EACH_SKU, REST)
    policy(Scope(Kind.SKU, "B"), FREE)
    client.force_login(make.user("viewer"))
    with django_assert_num_queries(7):
        card = client.get(reverse("campaigns:too_often"), headers=HTMX)
    assert card.text.count('data-label="Sale"') == rows
    assert "1 product is on sale more often than its limits allow" in card.text
    for number in range(1, rows + 1):
        assert reverse("campaigns:plan", args=[f"FS-{number}"]) in card.text


def test_the_card_says_that_all_is_well_or_what_is_missing(client: Client) -> None:
    client.force_login(make.user("viewer"))
    card = client.get(reverse("campaigns:too_often"), headers=HTMX).text
    assert "No limit for single products" in card
    sold("FS-1", "A", days=1)
    policy(EACH_SKU, REST)
    card = client.get(reverse("campaigns:too_often"), headers=HTMX).text
    assert "No product is on sale too often" in card
    assert "1 sale was looked at." in card


def test_the_card_alone_leads_to_the_page_that_loads_it(client: Client) -> None:
    policy(EACH_SKU, REST)
    client.force_login(make.user("viewer"))
    there = reverse("campaigns:too_often")
    led = client.get(there, follow=True)
    assert led.redirect_chain == [(reverse("fatigue:policy"), 302)]
    assert f'hx-get="{there}"' in led.text
