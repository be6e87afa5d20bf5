"""The Stock tab of a sale that is over and has given its stock back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.stock import operations as stock
from console.stock import queries
from console.stock.rules import Item
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
END = NOW + timedelta(hours=1)


@pytest.fixture
def _over() -> None:
    """Of 20 units each 2 are held back; of one SKU 17 were sold, of the other all."""
    skus = [make.sku("HAT"), make.sku("MUG")]
    for sku in skus:
        make.level(sku, units=30)
    wants = [make.Want(sku.pk, 20, 2) for sku in skus]
    stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    lines = [Item("HAT", 17), Item("MUG", 18)]
    held = stock.reserve("FS-1", lines=lines, buyer="ann", key="k", now=NOW)
    stock.confirm(held.id, order="O-1", now=NOW)
    stock.close_gate("FS-1", now=END)
    stock.return_units("FS-1", actor=None, now=END)


def page(client: Client, name: str, **asked: str) -> str:
    """A part of the Stock tab."""
    return client.get(reverse(f"stock:{name}", args=["FS-1"]), asked, **HTMX).text


@pytest.mark.usefixtures("_over")
def test_what_was_given_back_is_not_low_and_no_filter_asks_for_it(
    viewer: Client,
) -> None:
    found = queries.anatomy("FS-1", now=END)
    assert found is not None and (found.low, found.out) == (0, 1)
    (hat,) = (
        row
        for row in queries.rows("FS-1", queries.Asked(), now=END)
        if row.sku_code == "HAT"
    )
    assert hat.left == 1 and not hat.low
    shown = page(viewer, "allocations")
    assert 'value="low"' not in shown and "Sold out 1" in shown


@pytest.mark.usefixtures("_over")
def test_what_the_filter_calls_sold_out_its_row_calls_so_too(viewer: Client) -> None:
    shown = page(viewer, "allocations", show="out")
    assert 'id="row-MUG"' in shown and 'id="row-HAT"' not in shown
    row = shown.partition('id="row-MUG"')[2]
    assert "Sold out" in row and "Given back" not in row
    assert "Given back" in page(viewer, "allocations")


@pytest.mark.usefixtures("_over")
def test_the_bar_names_no_part_that_was_given_back(viewer: Client) -> None:
    found = queries.anatomy("FS-1", now=END)
    assert found is not None
    assert [(part.name, part.units) for part in found.row.bar] == [
        ("Sold", 35),
        ("Free", 25),
        ("Committed elsewhere", 0),
    ]
    assert "Buffer" not in page(viewer, "anatomy")
    assert "as it was locked" in page(viewer, "allocations")


@pytest.mark.usefixtures("_over")
def test_no_fence_is_offered_once_there_is_nothing_to_fence(operator: Client) -> None:
    shown = page(operator, "fence")
    assert "given its stock back" in shown and "Not raised" in shown
    assert "Raise the fence" not in shown and "five minutes" not in shown
