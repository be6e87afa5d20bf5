"""The levels: what the page lists, and counting."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock.models import Level
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db


HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize("levels", [1, 3])
def test_the_levels_take_the_same_queries_for_any_number(
    operator: Client, levels: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(levels):
        make.level()
    with django_assert_num_queries(7):
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


def test_the_palette_finds_skus(viewer: Client) -> None:
    make.sku("NEEDLE-1", name="Rain jacket")
    for text in ("needle", "rain"):
        (one,) = viewer.get(reverse("stock:search"), {"q": text}).json()
        assert (one["t"], one["h"]) == ("NEEDLE-1", "/stock/levels/?q=NEEDLE-1")
    assert viewer.get(reverse("stock:search"), {"q": "\0"}).json() == []
