"""How people find what lies beside the Stock tab."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.stock import operations as stock
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize("state", ["nothing locked", "open", "closed"])
def test_the_tab_leads_to_levels_and_policies_in_every_state(
    viewer: Client, state: str
) -> None:
    make.campaign(code="FS-1")
    if state != "nothing locked":
        a_sale()
    if state == "closed":
        stock.close_gate("FS-1", now=timezone.now())
    page = viewer.get(reverse("stock:panel", args=["FS-1"]), **HTMX).text
    assert f'href="{reverse("stock:levels")}">All levels' in page
    assert f'href="{reverse("stock:buffers")}">Buffer policies' in page


def test_the_palette_lists_the_pages_below_stock(viewer: Client) -> None:
    page = viewer.get(reverse("stock:levels")).text
    for place in ("Stock, Levels", "Stock, Buffer policies", "Stock, Feeds"):
        assert place in page
