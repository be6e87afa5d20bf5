"""Stopping a SKU, selling it early, and who waits: what a person sees and may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def panel(client: Client) -> str:
    return client.get(reverse("stock:panel", args=["FS-1"]), **HTMX).content.decode()


def test_a_sku_is_stopped_with_a_reason_and_started_again(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:control", args=["stop"])
    page = operator.get(url, {"pk": one.pk}, **HTMX).content.decode()
    assert "1 unit in checkouts may still be paid" in page
    assert operator.post(url, {"pk": one.pk}, **HTMX).status_code == 200
    assert Allocation.objects.get().state == "open"
    told = operator.post(url, {"pk": one.pk, "reason": "recall"}, **HTMX)
    assert (told.status_code, Allocation.objects.get().state) == (204, "stopped")
    page = panel(operator)
    assert "Stopped</span>" in page and "Start this SKU" in page
    assert f"Sale of {one.sku.code} stopped" in page and "recall" in page
    url = reverse("stock:control", args=["start"])
    operator.post(url, {"pk": one.pk, "reason": "all clear"}, **HTMX)
    assert "Stop this SKU" in panel(operator)


def test_several_are_stopped_as_they_are_ticked(operator: Client) -> None:
    seen = [f"{one.pk}:{one.version}" for one in a_sale(3)][:2]
    url = reverse("stock:control", args=["stop"])
    page = operator.get(url, {"pk": seen}, **HTMX).content.decode()
    assert "Stop 2 SKUs" in page
    operator.post(url, {"pk": seen, "reason": "x"}, **HTMX)
    states = Allocation.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["stopped", "stopped", "open"]


@pytest.mark.parametrize("role", ["viewer", "merchandiser"])
def test_only_who_runs_a_sale_stops_or_sells_early(client: Client, role: str) -> None:
    (one,) = a_sale()
    client.force_login(make.user(role))
    page = panel(client)
    assert "Stop this SKU" not in page and "Sell before it is there" not in page
    for url in (
        reverse("stock:control", args=["stop"]),
        reverse("stock:backorder", args=[one.pk]),
    ):
        told = client.post(url, {"pk": one.pk, "reason": "x", "units": 1}, **HTMX)
        assert told.status_code == 403
    assert Allocation.objects.get().state == "open"


def test_units_are_sold_early_up_to_a_number_and_a_day(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:backorder", args=[one.pk])
    assert "0 sells only what is there" in operator.get(url, **HTMX).content.decode()
    day = timezone.localdate() + timedelta(days=30)
    words = {"units": 5, "promise_at": day.isoformat(), "version": one.version}
    assert operator.post(url, words, **HTMX).status_code == 204
    found = Allocation.objects.get()
    assert found.promise_at is not None
    assert (found.backorder, timezone.localdate(found.promise_at)) == (5, day)
    assert "0 of 5 early" in panel(operator)
    assert operator.post(url, words, **HTMX).status_code == 409
    words = {"units": 5, "promise_at": "2020-01-01", "version": found.version}
    told = operator.post(url, words, **HTMX)
    assert told.status_code == 422 and "still to come" in told.content.decode()


def test_the_bar_shows_only_what_is_on_hand() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    words = {"units": 4, "promise_at": None, "version": one.version}
    stock.set_backorder(one.pk, **words, actor=None, now=NOW)
    for units in (2, 3):
        lines = [Item(one.sku.code, units)]
        stock.reserve("FS-1", lines=lines, buyer="b", key=str(units), now=NOW)
    (row,) = queries.rows("FS-1", queries.Asked(), now=NOW)
    assert (row.left, row.beyond, row.there) == (2, 2, (0, 3, 0))
    assert sum(part.units for part in row.bar) == row.on_hand == 3
    found = queries.anatomy("FS-1", now=NOW)
    assert found is not None
    assert sum(part.units for part in found.row.bar) == 3


def test_after_the_sale_the_bar_still_adds_up() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    words = {"units": 4, "promise_at": None, "version": one.version}
    stock.set_backorder(one.pk, **words, actor=None, now=NOW)
    lines = [Item(one.sku.code, 5)]
    held = stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=NOW)
    stock.confirm(held.id, order="O", now=NOW)
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", actor=None, now=NOW)
    (row,) = queries.rows("FS-1", queries.Asked(), now=NOW)
    assert sum(part.units for part in row.bar) == row.on_hand == 3
    told = queries.outcome("FS-1")
    assert (told.locked, told.sold, told.unsold) == (3, 5, 0)
    assert queries.waits("FS-1").owed == 2


def test_who_waits_is_shown_with_what_that_costs(viewer: Client) -> None:
    one = make.allocation(quantity=1, of=make.sku(price="80.00"))
    make.gate()
    lines = [Item(one.sku.code, 1)]
    stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=NOW)
    assert "hidden" in _waiting(viewer).partition(">")[0]
    for buyer, units in (("a", 1), ("c", 2)):
        asked = {"buyer": buyer, "key": buyer, "units": units, "now": NOW}
        stock.wait("FS-1", sku_code=one.sku.code, **asked)
    page = _waiting(viewer)
    assert "hidden" not in page.partition(">")[0]
    assert "3 units" in page and "240" in page and one.sku.code in page
    assert "3 waited for" in panel(viewer)
    (line,) = queries.waits("FS-1").lines
    assert (line.waiting, line.units, line.missed) == (2, 3, 240)


def test_what_is_missed_is_counted_at_the_price_of_the_sale() -> None:
    sale = make.armed()
    line = sale.lines.select_related("sku").first()
    one = Allocation.objects.get(campaign=sale.code, sku=line.sku)
    stock.open_gate(sale.code, now=NOW)
    lines = [Item(one.sku.code, one.sellable)]
    stock.reserve(sale.code, lines=lines, buyer="b", key="k", now=NOW)
    asked = {"sku_code": one.sku.code, "buyer": "w", "key": "w", "now": NOW}
    stock.wait(sale.code, units=2, **asked)
    assert line.sale_price < line.sku.regular_price
    assert queries.waits(sale.code).missed == {sale.currency: 2 * line.sale_price}


def _waiting(client: Client) -> str:
    url = reverse("stock:waiting", args=["FS-1"])
    return client.get(url, **HTMX).content.decode()
