"""Variant coverage and units to sell: warnings of a plan, each naming its rule."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.queries.readiness import eligible as section
from console.campaigns.rules.eligible import Cover, scarce, thin
from console.stock import queries as stock
from console.stock.models import Sku
from tests import make
from tests.make import NOW

SIZES = ("40", "41", "42", "43", "44")


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 100))
def test_a_share_is_thin_below_the_percentage_and_fine_at_it(
    chosen: int, variants: int, percent: int
) -> None:
    chosen = min(chosen, variants)
    said = thin(Cover("Boot", chosen, variants), percent=percent)
    assert bool(said) == (variants > 1 and chosen / variants < percent / 100)


def test_the_sentences_name_their_rule() -> None:
    assert thin(Cover("Trail Boot", 3, 5), percent=65) == (
        "Trail Boot: 3 of 5 variants are in the sale (rule variants: at least 65%)"
    )
    assert "1 of 5 variants is in the sale" in thin(Cover("Boot", 1, 5), percent=65)
    assert scarce("Cap, red", 1, least=2) == (
        "Cap, red: 1 unit to sell (rule least_units: at least 2)"
    )
    assert scarce("Cap, red", 2, least=2) == ""


def plan(count: int, *, name: str = "Trail Boot", units: int = 10) -> Campaign:
    """A draft with so many of the five variants of a product."""
    one = make.campaign(lines=0)
    boots(one, count, name=name, units=units)
    return one


def boots(of: Campaign, count: int, *, name: str, units: int = 10) -> None:
    for size in SIZES[:count]:
        make.line(of, author=of.author, code=f"{name}-{size}", units=units)
        Sku.objects.filter(code=f"{name}-{size}").update(name=name, variant=size)
    for size in SIZES[count:]:
        make.sku(f"{name}-{size}", name=name, variant=size)


def told(one: Campaign) -> list[str]:
    verdict = readiness.verdict(one, now=NOW)
    assert verdict.blockers == []
    found = [part for part in verdict.sections if part.key == "eligible"]
    assert all(check.tone == "warn" for part in found for check in part.checks)
    return [check.text for part in found for check in part.checks]


@pytest.mark.django_db
def test_three_of_five_variants_are_a_warning_with_the_id_of_the_rule() -> None:
    one = plan(3)
    said = "Trail Boot: 3 of 5 variants are in the sale (rule variants: at least 65%)"
    assert told(one) == [said]
    assert said in readiness.verdict(one, now=NOW).told()["warnings"]


@pytest.mark.django_db
def test_four_of_five_variants_are_enough() -> None:
    assert told(plan(4)) == []


@pytest.mark.django_db
def test_the_limit_is_a_setting(settings: Settings) -> None:
    one = plan(4)
    settings.ELIGIBLE_VARIANTS_PERCENT = 81
    assert told(one) == [
        "Trail Boot: 4 of 5 variants are in the sale (rule variants: at least 81%)"
    ]
    settings.ELIGIBLE_VARIANTS_PERCENT = 0
    assert told(one) == []


@pytest.mark.django_db
def test_products_of_one_variant_or_of_none_are_never_warned_of() -> None:
    one = make.campaign(lines=2)
    hat, _ = Sku.objects.filter(pk__in=one.lines.values("sku")).order_by("pk")
    Sku.objects.update(name="Gift card")
    make.sku("CARD-3", name="Gift card")
    assert told(one) == []
    Sku.objects.filter(pk=hat.pk).update(name="Hat", variant="red")
    assert told(one) == []
    make.sku("HAT-2", name="Hat", variant="blue")
    assert told(one) != []


@pytest.mark.django_db
def test_a_line_with_too_few_units_besides_its_buffer_is_named(
    settings: Settings,
) -> None:
    one = make.campaign(lines=0)
    make.line(one, author=one.author, code="CAP", units=9, buffer=5)
    assert told(one) == []
    settings.ELIGIBLE_UNITS = 5
    assert told(one) == ["Product CAP: 4 units to sell (rule least_units: at least 5)"]
    line = one.lines.get()
    (check,) = section.section(readiness.candidate(one)).checks
    assert check.show == f"row-{line.pk}"
    line.units = 10
    line.save()
    assert told(one) == []


@pytest.mark.django_db
def test_the_first_few_are_named_in_order_and_the_rest_counted() -> None:
    one = make.campaign(lines=0)
    for number in range(7, 0, -1):
        boots(one, 1, name=f"Boot {number}")
    texts = told(one)
    assert [text.partition(":")[0] for text in texts[:5]] == [
        f"Boot {number}" for number in range(1, 6)
    ]
    assert texts[5:] == ["2 more like these"]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_one_query_is_enough_for_one_product_and_for_three(count: int) -> None:
    one = make.campaign(lines=0)
    for number in range(count):
        boots(one, 2, name=f"Boot {number}")
    asked = readiness.candidate(one)
    with CaptureQueriesContext(connection) as seen:
        section.section(asked)
    assert len(seen) == 1


@pytest.mark.django_db
def test_a_hundred_thousand_lines_are_judged_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """20,000 products of five variants, three of each in the sale."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stock_sku (code, name, variant, category, brand,"
            " regular_price, currency, image)"
            " SELECT 'B' || n, 'Boot ' || n / 5, n % 5, '', '', 9, 'EUR', ''"
            " FROM generate_series(0, 99999) n"
        )
        # What autovacuum does after an import: else the plan is that of an empty table.
        cursor.execute("ANALYZE stock_sku")
    ids = Sku.objects.order_by("pk").values_list("pk", flat=True)
    chosen = [pk for number, pk in enumerate(ids) if number % 5 < 3]
    with django_assert_num_queries(1):
        found = stock.variants(chosen)
    assert len(found) == 20_000
    assert {(one.chosen, one.variants) for one in found} == {(3, 5)}
