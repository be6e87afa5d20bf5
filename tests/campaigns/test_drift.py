"""Filters of a plan: what they fill in, who wins a SKU, and what moves afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Undo
from console.campaigns.operations import Filled, LineTerms
from console.campaigns.queries.drift import drift
from console.campaigns.rules.sources import BadSource, Claim, SourceKind, decided
from console.prices.rules.charms import Pricing
from console.prices.rules.money import Method
from console.stock.models import Sku
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def fill(plan: Campaign, value: str, percent: int, **said: Any) -> Filled:
    kind = said.pop("kind", SourceKind.CATEGORY)
    pricing = Pricing(Method.PERCENT_OFF_REGULAR, Decimal(percent))
    return campaigns.fill(
        plan.code,
        kind,
        value,
        pricing=pricing,
        units=5,
        actor=plan.author,
        now=NOW,
        **said,
    )


def goods(
    *codes: str, category: str = "Boots", brand: str = "Hogni", price: str = "100"
) -> None:
    for code in codes:
        make.level(make.sku(code, price=price, category=category, brand=brand))


def prices(plan: Campaign) -> dict[str, Decimal]:
    return dict(plan.lines.values_list("sku__code", "sale_price"))


def add(plan: Campaign, code: str, price: int) -> None:
    values = LineTerms(sale_price=Decimal(price), units=3)
    campaigns.add_line(
        plan.code, sku_code=code, values=values, actor=plan.author, now=NOW
    )


def test_the_t_shirt_with_a_price_of_its_own_keeps_it() -> None:
    """Launchpad's example: $30, set to $20 by itself, in a collection at 50% off."""
    goods("T-SHIRT", "SHORTS", category="Summer", price="30")
    plan = make.campaign(lines=0)
    add(plan, "T-SHIRT", 20)
    done = fill(plan, "Summer", 50)
    assert prices(plan) == {"T-SHIRT": Decimal(20), "SHORTS": Decimal(15)}
    assert [(one.sku, one.item) for one in done.kept] == [("T-SHIRT", True)]


def test_the_t_shirt_in_two_collections_gets_the_lower_price() -> None:
    goods("T-SHIRT", "SHORTS", category="Summer", price="30")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 20)
    done = fill(plan, "Hogni", 50, kind=SourceKind.BRAND)
    assert prices(plan) == {"T-SHIRT": Decimal(15), "SHORTS": Decimal(15)}
    assert done.repriced == 2
    again = fill(plan, "Summer", 20)
    assert [one.source for one in again.kept] == ["Hogni", "Hogni"]


def test_a_hand_typed_price_is_an_items_though_it_equals_a_filters() -> None:
    goods("T-SHIRT", category="Summer")
    plan = make.campaign(lines=0)
    add(plan, "T-SHIRT", 80)
    fill(plan, "Summer", 20)
    assert fill(plan, "Hogni", 50, kind=SourceKind.BRAND).repriced == 0
    assert prices(plan) == {"T-SHIRT": Decimal(80)}


def test_a_price_changed_by_hand_is_no_longer_the_filters() -> None:
    goods("T-SHIRT", category="Summer")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 20)
    assert plan.lines.get().filtered
    plan.lines.update(sale_price=Decimal(75))
    assert [one.item for one in fill(plan, "Summer", 50).kept] == [True]
    assert prices(plan) == {"T-SHIRT": Decimal(75)}


def test_a_filter_filled_in_again_sets_its_own_lines_anew() -> None:
    """Less off than before, and still the lowest of all filters that match."""
    goods("T-SHIRT", "CAP", category="Summer")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 50)
    fill(plan, "T-", 30, kind=SourceKind.PREFIX)
    assert set(prices(plan).values()) == {Decimal(50)}
    assert fill(plan, "Summer", 20).repriced == 2
    assert prices(plan) == {"T-SHIRT": Decimal(70), "CAP": Decimal(80)}


def test_a_lower_price_stays_though_its_filter_matches_no_longer() -> None:
    goods("T-SHIRT", category="Summer")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 20)
    Sku.objects.update(category="Sold off")
    assert fill(plan, "Hogni", 10, kind=SourceKind.BRAND).repriced == 0
    line = plan.lines.get()
    assert (line.sale_price, str(line.source)) == (80, "Summer")


def test_taking_a_fill_back_gives_the_lines_back_to_their_filter() -> None:
    goods("T-SHIRT", category="Summer")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 20)
    fill(plan, "Hogni", 50, kind=SourceKind.BRAND)
    undo = Undo.objects.get(campaign=plan)
    campaigns.undo(plan.code, undo.pk, actor=plan.author, now=NOW)
    line = plan.lines.get()
    assert (line.sale_price, line.filtered, str(line.source)) == (80, True, "Summer")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), min_size=1, max_size=6))
def test_who_wins_does_not_depend_on_the_order(said: list[tuple[bool, int]]) -> None:
    claims = [Claim("A", Decimal(p), f"s{n}", item) for n, (item, p) in enumerate(said)]
    won = decided(claims)
    assert won == decided(list(reversed(claims)))
    items = [one.price for one in claims if one.item]
    assert won.price == min(items or [one.price for one in claims])


def test_what_joins_a_filter_later_is_listed_and_never_discounted() -> None:
    goods("B-1", "B-2", "B-3")
    plan = make.campaign(lines=0)
    fill(plan, "Boots", 30)
    out = plan.lines.get(sku__code="B-3").pk
    campaigns.remove_lines(plan.code, line_ids=[out], actor=plan.author, now=NOW)
    assert not drift(plan, now=NOW).any
    for sku in Sku.objects.all():
        make.prices.note(sku.code, Decimal(100), from_at=NOW - make.timedelta(days=60))
    campaigns.submit(plan.code, actor=plan.author, now=NOW)
    plan.refresh_from_db()
    plan = campaigns.approve(
        plan.code, content_hash=plan.content_hash, actor=make.user("approver"), now=NOW
    )
    assert not drift(plan, now=NOW).any, "what was left out by hand has not joined"
    goods("B-4")
    Sku.objects.filter(code="B-1").update(regular_price=Decimal(120))
    found = drift(plan, now=NOW)
    assert [(one.count, [s.code for s in one.skus]) for one in found.joined] == [
        (1, ["B-4"])
    ]
    assert [(r.sku, r.approved, r.now) for r in found.repriced] == [("B-1", 100, 120)]
    assert set(prices(plan)) == {"B-1", "B-2"}
    Sku.objects.filter(code="B-2").update(category="Shoes")
    assert drift(plan, now=NOW).joined[0].left == 1


def test_a_filter_that_matches_nothing_is_refused() -> None:
    plan = make.campaign(lines=0)
    for value in ("Nothing", " "):
        with pytest.raises(BadSource):
            fill(plan, value, 20)
    assert not plan.sources.exists()
