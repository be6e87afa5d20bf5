"""Units of a SKU that somebody stopped: left, and nowhere told as being for sale."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.live.templatetags.live import eta, parts
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
WHO = {"actor": None, "now": NOW}


def two(first: int, second: int, *, buffer: int = 0) -> tuple[Allocation, Allocation]:
    """Two SKUs of an open sale, by their units; some of the first are held back."""
    skus = [make.sku(), make.sku()]
    wants = []
    for sku, units, held in zip(skus, (first, second), (buffer, 0), strict=True):
        make.level(sku, units=units)
        wants.append(make.Want(sku.pk, units, held))
    stock.lock("FS-1", wants=wants, **WHO)
    make.gate()
    one, other = (Allocation.objects.get(sku=sku) for sku in skus)
    return one, other


def told() -> dict[str, int]:
    """The parts of the bar of the whole sale, by their names."""
    found = queries.anatomy("FS-1", now=NOW)
    assert found is not None
    assert sum(part.units for part in found.row.bar) == found.row.on_hand
    return {part.name: part.units for part in found.row.bar}


def test_the_head_tells_stopped_units_beside_those_left_to_sell() -> None:
    first, _ = two(20, 10, buffer=2)
    assert told()["Left to sell"] == 28 and "Stopped" not in told()
    stock.stop_sku([first.pk], **WHO)
    assert (told()["Left to sell"], told()["Stopped"]) == (10, 18)
    stock.start_sku([first.pk], **WHO)
    assert "Stopped" not in told()


def test_the_page_says_how_many_are_left_to_sell_and_how_many_are_stopped(
    viewer: Client,
) -> None:
    one, *_ = a_sale(2)
    stock.stop_sku([one.pk], **WHO)
    page = viewer.get(reverse("stock:panel", args=["FS-1"]), **HTMX).text
    assert "left to sell, 1" in page and "more stopped" in page
    assert "not for sale" in page and "stopped</small>" in page


def test_of_a_stopped_sku_only_what_is_on_hand_is_a_part_of_the_bar() -> None:
    one, _ = two(3, 5)
    words = {"units": 4, "promise_at": None, "version": one.version}
    stock.set_backorder(one.pk, **words, **WHO)
    lines = [Item(one.sku.code, 5)]
    stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=NOW)
    stock.stop_sku([one.pk], **WHO)
    assert told()["Left to sell"] == 5 and "Stopped" not in told()
    (row,) = (x for x in queries.rows("FS-1", queries.Asked(), now=NOW) if x.stopped)
    assert (row.left, row.stopped_left, row.stopped_there) == (2, 2, 0)
    assert sum(part.units for part in row.bar) == row.on_hand


def test_a_stopped_sku_has_no_time_at_which_it_sells_out_and_is_not_low() -> None:
    locked = a_sale(2)
    page = queries.Asked(show="low")
    for one in locked:
        lines = [Item(one.sku.code, 15)]
        stock.reserve("FS-1", lines=lines, buyer="b", key=one.sku.code, now=clock.now())
    assert len(queries.rows("FS-1", page, now=clock.now())) == 2
    stock.stop_sku([locked[0].pk], **WHO)
    rows = queries.rows("FS-1", queries.Asked(), now=clock.now())
    assert {row.stopped: row.eta is None for row in rows} == {True: True, False: False}
    (low,) = queries.rows("FS-1", page, now=clock.now())
    assert low.low and not low.stopped


def test_counters_tell_what_is_for_sale_of_each_sku() -> None:
    first, _ = two(20, 10, buffer=2)
    stock.stop_sku([first.pk], **WHO)
    counts = queries.counters("FS-1", now=NOW)
    assert {(one.left, one.stopped, one.for_sale) for one in counts} == {
        (18, 18, 0),
        (10, 0, 10),
    }


def test_units_that_were_given_back_are_not_stopped() -> None:
    one = make.allocation(quantity=20)
    make.gate()
    stock.stop_sku([one.pk], **WHO)
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", **WHO)
    assert Allocation.objects.get().state == "stopped"
    assert [one.stopped for one in queries.counters("FS-1", now=NOW)] == [0]
    assert "Stopped" not in told()


def test_the_board_writes_stopped_in_place_of_a_time() -> None:
    sku = {"quantity": 20, "sold": 2, "reserved": 1, "left": 15, "buffer": 2}
    known = {"low": 1.0, "mid": 2.0, "high": 4.0, "lasts": False}
    assert "Stopped" not in eta(sku | {"eta": known})
    assert "Stopped" in eta(sku | {"eta": None, "stopped": 15})
    assert "Sold out" in eta(sku | {"left": 0, "eta": None, "stopped": 0})
    assert [key for key, _ in parts(sku)] == ["sold", "resv", "left", "buf"]
    stopped = [key for key, _ in parts(sku | {"stopped": 15})]
    assert stopped == ["sold", "resv", "stop", "buf"]
