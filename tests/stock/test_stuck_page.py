"""Stuck units on the Stock tab: what was found, a look, and reclaiming."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _sale() -> None:
    make.allocation(quantity=10, of=make.sku("SHELL"))
    make.gate()


def here(name: str) -> str:
    return reverse(f"stock:{name}", args=["FS-1"])


def stick(units: int) -> None:
    Allocation.objects.update(taken=F("taken") + units)


def test_the_stock_tab_says_in_a_line_what_is_stuck(viewer: Client) -> None:
    assert here("undersell") in viewer.get(here("panel")).text
    assert "Never looked" in viewer.get(here("undersell"), **HTMX).text
    stock.look_for_stuck(now=NOW)
    assert "Nobody looks" in viewer.get(here("undersell"), **HTMX).text or (
        "No stuck units" in viewer.get(here("undersell"), **HTMX).text
    )
    stick(3)
    stock.look_for_stuck(now=NOW)
    told = viewer.get(here("undersell"), **HTMX).text
    assert "3 units neither for sale nor sold" in told and "SHELL" in told
    other = reverse("stock:undersell", args=["FS-2"])
    assert "neither for sale nor sold" not in viewer.get(other, **HTMX).text


def test_who_only_looks_is_offered_nothing(viewer: Client) -> None:
    stick(3)
    told = viewer.get(here("look"), **HTMX).text
    assert "Counted as taken, held by nobody" in told and "Reclaim 3" not in told
    assert viewer.post(here("reclaim"), **HTMX).status_code == 403
    assert Allocation.objects.get().taken == 3


def test_an_operator_looks_and_reclaims(operator: Client) -> None:
    assert "No unit is stuck" in operator.get(here("look"), **HTMX).text
    stick(3)
    assert "Reclaim 3 units" in operator.get(here("look"), **HTMX).text
    told = operator.post(here("reclaim"), **HTMX)
    assert told.status_code == 204 and "3 units reclaimed" in told["HX-Trigger"]
    assert Allocation.objects.get().sellable == 10
    run = queries.last_undersell()
    assert run is not None and run.units == 0
    feed = operator.get(here("movements"), **HTMX).text
    assert "3 stuck units reclaimed" in feed
