"""The reservations of a sale on its Stock tab."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.stock import operations as stock
from console.stock.rules import Item
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_reservations_by_state_and_buyer(viewer: Client) -> None:
    a_sale()
    url = reverse("stock:reservations", args=["FS-1"])
    wanted = {"": 3, "held": 1, "confirmed": 1, "expired": 1, "released": 0, "odd": 0}
    for state, count in wanted.items():
        page = viewer.get(url, {"state": state}, **HTMX).content.decode()
        assert page.count("<tr>") - 1 == (count or -1), state
    assert "ann" in viewer.get(url, {"buyer": "an"}, **HTMX).content.decode()
    nobody = viewer.get(url, {"buyer": "zoe", "before": "nonsense"}, **HTMX)
    assert "No reservations" in nobody.content.decode()


def test_older_reservations_are_a_page_away(viewer: Client) -> None:
    one = make.allocation(quantity=100)
    make.gate()
    now = timezone.now()
    for n in range(60):
        at = now - timedelta(seconds=n)
        lines = [Item(one.sku.code, 1)]
        stock.reserve("FS-1", lines=lines, buyer=f"b{n}", key=f"k{n}", now=at)
    url = reverse("stock:reservations", args=["FS-1"])
    seen, before = [], None
    while True:
        context = viewer.get(url, {"before": before} if before else {}, **HTMX).context
        seen += [hold.buyer for hold in context["holds"]]
        if not context["older"]:
            break
        before = context["older"].isoformat()
    assert seen == [f"b{n}" for n in range(60)]
