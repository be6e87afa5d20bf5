"""The levels: what the page lists, and counting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Level
from tests import make
from tests.make import NOW
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db


HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize("levels", [1, 3])
def test_the_levels_take_the_same_queries_for_any_number(
    operator: Client, levels: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(levels):
        make.level()
    with django_assert_num_queries(9):
        assert operator.get(reverse("stock:levels")).status_code == 200


def test_the_column_of_the_last_count_says_so(operator: Client) -> None:
    make.level()
    page = operator.get(reverse("stock:levels")).content.decode()
    assert 'data-label="Counted"' in page and 'data-label="Changed"' not in page


def test_counting_a_level(operator: Client) -> None:
    level = make.level(units=10)
    url = reverse("stock:adjust", args=[level.pk])
    assert "Save the count" in operator.get(url, **HTMX).content.decode()
    words = {"on_hand": 12, "committed": 1, "buffer": 2, "reason": "count"}
    words |= {"note": "shelf 4", "version": level.version}
    assert operator.post(url, words, **HTMX).status_code == 204
    assert Level.objects.get().free == 9
    assert operator.post(url, words, **HTMX).status_code == 409
    assert operator.post(url, words | {"on_hand": -1}, **HTMX).status_code == 200


@pytest.mark.parametrize(
    "asked,found",
    [({}, 3), ({"q": "needle"}, 1), ({"show": "empty"}, 1), ({"sort": "-free"}, 3)],
)
def test_levels_by_what_is_asked(viewer: Client, asked: dict, found: int) -> None:
    make.level(make.sku("NEEDLE-1"))
    make.level()
    make.level(units=0)
    page = viewer.get(reverse("stock:levels"), asked).content.decode()
    assert page.count('<tr id="level-') == found


def test_the_way_in_leads_to_the_running_sale_else_to_levels(
    viewer: Client,
) -> None:
    assert viewer.get(reverse("stock:home"))["Location"] == reverse("stock:levels")
    a_sale()
    assert "FS-1" in viewer.get(reverse("stock:home"))["Location"]


def test_of_running_sales_the_one_that_opened_last_is_looked_at_first() -> None:
    make.armed(code="FS-3")
    for code, hours in [("FS-1", 2), ("FS-2", 1)]:
        stock.open_gate(code, now=NOW - timedelta(hours=hours))
    assert queries.current_campaign(now=NOW) == "FS-2"


def test_without_a_running_sale_the_one_that_opens_next_is_looked_at_first() -> None:
    make.gate("FS-1")
    stock.close_gate("FS-1", now=NOW)
    make.armed(code="FS-2", opens_at=NOW + timedelta(hours=4))
    make.armed(code="FS-3", opens_at=NOW + timedelta(days=7))
    make.campaign(code="FS-4", opens_at=NOW + timedelta(hours=2))
    assert queries.current_campaign(now=NOW) == "FS-2"
    late = NOW + timedelta(hours=4, minutes=1)
    assert queries.current_campaign(now=late) == "FS-2"
    assert queries.current_campaign(now=NOW + timedelta(hours=7)) == "FS-3"


def test_with_no_sale_ahead_the_one_that_ended_last_is_looked_at_first() -> None:
    for code in ("FS-1", "FS-2"):
        make.gate(code)
    stock.close_gate("FS-2", now=NOW)
    stock.close_gate("FS-1", now=NOW + timedelta(hours=1))
    assert queries.current_campaign(now=NOW + timedelta(hours=2)) == "FS-1"


def test_the_palette_finds_skus(viewer: Client) -> None:
    make.sku("NEEDLE-1", name="Rain jacket")
    for text in ("needle", "rain"):
        (one,) = viewer.get(reverse("stock:search"), {"q": text}).json()
        assert (one["t"], one["h"]) == ("NEEDLE-1", "/stock/levels/?q=NEEDLE-1")
    assert viewer.get(reverse("stock:search"), {"q": "\0"}).json() == []
