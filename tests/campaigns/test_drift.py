"""Filters of a plan: what they fill in, who wins a SKU, and what moves afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
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


def goods(*codes: str, category: str = "Boots", brand: str = "Hogni") -> None:
    for code in codes:
        make.level(make.sku(code, category=category, brand=brand))


def prices(plan: Campaign) -> dict[str, Decimal]:
    return dict(plan.lines.values_list("sku__code", "sale_price"))


def test_the_t_shirt_is_won_by_the_item_else_by_the_lower_filter() -> None:
    """A T-shirt in two collections at 20% and 30%: it sells at 30%, unless named."""
    goods("T-SHIRT", "SHORTS", category="Summer", brand="Hogni")
    plan = make.campaign(lines=0)
    fill(plan, "Summer", 20)
    done = fill(plan, "Hogni", 30, kind=SourceKind.BRAND)
    assert prices(plan) == {"T-SHIRT": Decimal(70), "SHORTS": Decimal(70)}
    assert done.lowered == 2
    again = fill(plan, "Summer", 20)
    assert [one.source for one in again.kept] == ["Hogni", "Hogni"]
    named = make.campaign(lines=0)
    values = LineTerms(sale_price=Decimal(90), units=3)
    campaigns.add_line(
        named.code, sku_code="T-SHIRT", values=values, actor=named.author, now=NOW
    )
    done = fill(named, "Summer", 20)
    assert prices(named) == {"T-SHIRT": Decimal(90), "SHORTS": Decimal(80)}
    assert [(one.sku, one.item) for one in done.kept] == [("T-SHIRT", True)]


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
    assert not drift(plan).any
    for sku in Sku.objects.all():
        make.prices.note(sku.code, Decimal(100), from_at=NOW - make.timedelta(days=60))
    campaigns.submit(plan.code, actor=plan.author, now=NOW)
    plan.refresh_from_db()
    plan = campaigns.approve(
        plan.code, content_hash=plan.content_hash, actor=make.user("approver"), now=NOW
    )
    assert not drift(plan).any, "what was left out by hand has not joined"
    goods("B-4")
    Sku.objects.filter(code="B-1").update(regular_price=Decimal(120))
    found = drift(plan)
    assert [(one.count, [s.code for s in one.skus]) for one in found.joined] == [
        (1, ["B-4"])
    ]
    assert [(r.sku, r.approved, r.now) for r in found.repriced] == [("B-1", 100, 120)]
    assert set(prices(plan)) == {"B-1", "B-2"}
    Sku.objects.filter(code="B-2").update(category="Shoes")
    assert drift(plan).joined[0].left == 1


def test_a_filter_that_matches_nothing_is_refused() -> None:
    plan = make.campaign(lines=0)
    for value in ("Nothing", " "):
        with pytest.raises(BadSource):
            fill(plan, value, 20)
    assert not plan.sources.exists()
