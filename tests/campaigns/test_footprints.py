"""What a campaign touches, kept once it counts, and who is judged by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Footprint
from console.campaigns.queries import footprints, readiness
from console.campaigns.queries.sales import books, incidence
from console.fatigue import operations as fatigue
from console.fatigue.rules import (
    EACH_SKU,
    EVERYTHING,
    FREE,
    Kind,
    Scope,
    of_each_sku,
)
from console.stock.models import Sku
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BOOTS = Scope(Kind.CATEGORY, "Boots")


def shelved(one: Campaign, code: str, **shelf: str) -> None:
    """A line of a SKU that stands on a shelf."""
    make.line(one, author=one.author, code=code)
    Sku.objects.filter(code=code).update(**shelf)


def again(one: Campaign, code: str) -> None:
    """A line of a SKU that was sold before."""
    values = campaigns.LineTerms(sale_price=Decimal(60), units=5)
    campaigns.add_line(
        one.code, sku_code=code, values=values, actor=one.author, now=NOW
    )


def armed(one: Campaign) -> Campaign:
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    return campaigns.approve(
        one.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )


def blockers(one: Campaign) -> list[str]:
    return [check.text for check in readiness.verdict(one, now=NOW).blockers]


def test_a_touch_tells_scopes_and_the_share_of_each() -> None:
    one = make.campaign(lines=0, of=make.audience("Members"), reach="0.5")
    shelved(one, "A", category="Boots", brand="Tarn")
    shelved(one, "B", category="Boots")
    for code in ("C", "D"):
        make.sku(code, category="Boots")
    found = footprints.touch(Campaign.objects.get(pk=one.pk))
    assert found.reach == {
        EVERYTHING: 0.5,
        Scope(Kind.AUDIENCE, "members"): 0.5,
        BOOTS: 0.5,
        Scope(Kind.BRAND, "Tarn"): 1.0,
    }
    assert found.depth == pytest.approx(0.3)
    keys = Sku.objects.filter(code__in="AB").order_by("pk").values_list("pk", flat=True)
    assert found.skus.tolist() == list(keys)
    assert EACH_SKU in found.scopes


def test_a_plan_without_products_touches_what_it_says() -> None:
    one = make.campaign(lines=0, category="Boots")
    found = footprints.touch(one)
    assert found.reach[BOOTS] == 1.0
    assert (found.depth, found.skus.tolist()) == (footprints.ASSUMED_DEPTH, [])
    assert EACH_SKU not in found.scopes


def test_approval_keeps_the_footprint_as_it_was_computed() -> None:
    one = make.campaign(lines=2)
    computed = footprints.touch(one)
    armed(one)
    kept = Footprint.objects.get(campaign=one)
    assert footprints.columns(computed, at=NOW) == {
        "scopes": kept.scopes,
        "reach": kept.reach,
        "depth": kept.depth,
        "told": kept.told,
        "strain": 1.0,
        "skus": bytes(kept.skus),
    }
    found = footprints.known([Campaign.objects.get(pk=one.pk)])[one.pk]
    assert (found.reach, found.depth) == (computed.reach, computed.depth)


def test_the_database_refuses_a_reach_too_few() -> None:
    one = make.campaign()
    with (
        pytest.raises(IntegrityError, match="footprint_reach_of_each_scope"),
        transaction.atomic(),
    ):
        Footprint.objects.create(
            campaign=one, scopes=["everything"], reach=[], depth=0.3, skus=b""
        )


def test_books_hold_the_counted_sales_of_each_scope_in_one_query() -> None:
    people = make.audience("Everyone")
    plans = [make.campaign(lines=0, of=people, opens_at=NOW + n * DAY) for n in (1, 9)]
    for number, one in enumerate(plans):
        shelved(one, f"SKU-{number}", category="Boots")
        armed(one)
    make.campaign(of=people)
    scope = Scope(Kind.AUDIENCE, "everyone")
    with CaptureQueriesContext(connection) as queries:
        found = books([scope, BOOTS, Scope(Kind.BRAND, "None")])
    assert len(queries) == 1
    assert [len(book) for book in found.values()] == [2, 2, 0]
    assert [s.code for s in found[BOOTS].sales([0, 1])] == [p.code for p in plans]
    assert len(books([BOOTS], besides=plans[0].code)[BOOTS]) == 1


def test_each_sku_rests_even_if_the_audience_is_another() -> None:
    fatigue.add_policy(EACH_SKU, of_each_sku("UTC"), reason="", actor=None, now=NOW)
    first = make.campaign(lines=0, of=make.audience("Everyone"))
    shelved(first, "A", category="Boots")
    armed(first)
    second = make.campaign(lines=0, of=make.audience("Members"), opens_at=NOW + 5 * DAY)
    again(second, "A")
    shelved(second, "B", category="Boots")
    skus = incidence(footprints.touch(second), besides=second.code)
    assert (skus.count, skus.sku.tolist()) == (2, [0])
    assert any("Each SKU: 4 d after" in text for text in blockers(second))


def test_a_sku_with_a_policy_of_its_own_is_not_judged_by_that_of_each() -> None:
    fatigue.add_policy(EACH_SKU, of_each_sku("UTC"), reason="", actor=None, now=NOW)
    own = replace(FREE, zone="UTC")
    fatigue.add_policy(Scope(Kind.SKU, "A"), own, reason="", actor=None, now=NOW)
    first = make.campaign(lines=0)
    shelved(first, "A", category="Boots")
    armed(first)
    second = make.campaign(lines=0, opens_at=NOW + 5 * DAY)
    again(second, "A")
    assert not any("d after" in text for text in blockers(second))


def test_a_category_policy_stops_a_sale_to_other_people() -> None:
    limits = replace(FREE, min_gap_days=7, zone="UTC")
    fatigue.add_policy(BOOTS, limits, reason="", actor=None, now=NOW)
    first = make.campaign(lines=0)
    shelved(first, "A", category="Boots")
    armed(first)
    second = make.campaign(lines=0, opens_at=NOW + 3 * DAY)
    shelved(second, "B", category="Boots")
    verdict = readiness.verdict(second, now=NOW)
    assert [check.text for check in verdict.blockers] == [
        f"Boots: 2 d after Alpine Shell Doorbuster ({first.code}); "
        "rest is 7 d, calendar days in UTC"
    ]
    assert verdict.policies["Boots"] == 1


def test_a_second_look_at_a_draft_reads_no_lines() -> None:
    one = make.campaign()
    one.refresh_from_db()
    first = footprints.recent(one)
    with CaptureQueriesContext(connection) as asked:
        again = footprints.recent(one)
    assert not asked.captured_queries
    assert again.reach == first.reach
    assert again.skus.tolist() == first.skus.tolist()
    assert len(first.skus) == one.lines.count()


def test_an_edit_of_a_line_is_seen_at_once() -> None:
    one = make.campaign()
    one.refresh_from_db()
    before = footprints.recent(one).depth
    line = one.lines.first()
    assert line
    values = campaigns.LineTerms(sale_price=Decimal(10))
    campaigns.edit_line(
        line.pk, values=values, version=1, actor=one.author, now=NOW + DAY
    )
    one.refresh_from_db()
    assert footprints.recent(one).depth > before
    assert footprints.known([one])[one.pk].depth == footprints.recent(one).depth
