"""Each live figure of stock says how old it is."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Feed, SaleGate
from console.stock.operations import PolicyTerms
from console.stock.rules.buffers import BufferScope
from console.stock.rules.waves import Tranche
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
OF_THE_SALE = [
    "anatomy",
    "allocations",
    "publishing",
    "fence",
    "sold_out",
    "limits",
    "waiting",
    "waves",
    "reservations",
]
OF_LEVELS = ["levels", "pending", "locations", "feeds"]
TEMPLATES = Path(settings.BASE_DIR, "templates", "stock")
LOOKS_AGAIN = re.compile(r'hx-trigger="[^"]*\bevery ')
WITHOUT_FIGURES = {
    "_import_job.html": "a job under way is asked each second, a job that ended never",
    "_panel.html": "of a sale that has nothing locked yet",
}
"""Parts that look again by themselves and need no age, and why."""


@pytest.fixture
def busy() -> None:
    """A sale with something to tell in every part."""
    one = a_sale()[0]
    SaleGate.objects.update(buyer_limit=2)
    Feed.objects.create(name="till", kind="till", secret="x" * 32)
    who = {"actor": None, "now": clock.now()}
    stock.add_policy(BufferScope.SKU, one.sku.code, PolicyTerms(1), **who)
    stock.plan_waves("FS-1", [Tranche(Decimal(10), after_s=9_000)], seen=[], **who)


def _read(page: str) -> bool:
    """True if the head of a part says how long ago it was read."""
    head = page.partition("<h2")[2].partition("</h2>")[0]
    return bool(re.search(r'(read|updated) <time [^>]*data-age="', head))


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("name", OF_THE_SALE)
def test_each_part_of_the_tab_says_when_it_was_read(viewer: Client, name: str) -> None:
    assert _read(viewer.get(reverse(f"stock:{name}", args=["FS-1"]), **HTMX).text)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("name", OF_LEVELS)
def test_each_part_of_the_levels_says_when_it_was_read(
    viewer: Client, name: str
) -> None:
    assert _read(viewer.get(reverse(f"stock:{name}"), **HTMX).text)


@pytest.mark.usefixtures("busy")
def test_the_tab_as_it_is_opened_says_it_in_all_its_parts(viewer: Client) -> None:
    page = viewer.get(reverse("stock:panel", args=["FS-1"]), **HTMX).text
    for name in ("anatomy", "allocations", "limits", "waiting", "reservations"):
        assert _read(page.partition(f'id="{name}"')[2])
    levels = viewer.get(reverse("stock:levels")).text
    for name in ("levels", "pending", "locations"):
        assert _read(levels.partition(f'id="{name}"')[2])


@pytest.mark.usefixtures("busy")
def test_what_policies_hold_back_says_when_it_was_read(viewer: Client) -> None:
    page = viewer.get(reverse("stock:buffers")).text
    assert "held back on shelves now, read <time " in page


def test_whatever_looks_again_by_itself_tells_an_age() -> None:
    asks = {
        one.name: one.read_text()
        for one in TEMPLATES.iterdir()
        if LOOKS_AGAIN.search(one.read_text())
    }
    silent = {name for name, text in asks.items() if "{% age " not in text}
    assert silent == set(WITHOUT_FIGURES)


def test_the_levels_look_again_by_themselves(viewer: Client) -> None:
    page = viewer.get(reverse("stock:levels"), {"q": "MUG", "page": "2"}).text
    look = page.partition('data-patient="levels"')[2].partition("</i>")[0]
    assert "every 10s" in look and "/stock/levels/?q=MUG&amp;page=2" in look
    assert "Pause updates" in page and "stock/stock.js" in page
