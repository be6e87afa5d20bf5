"""The Stock tab, its dialogs, and the levels: what a person sees and may do."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from console.stock.rules import Item
from console.stock.urls import urlpatterns
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_panel_shows_where_every_unit_is(viewer: Client) -> None:
    (one,) = a_sale()
    (row,) = queries.rows("FS-1", queries.Asked(), now=timezone.now())
    assert [part.units for part in row.bar] == [1, 1, 16, 2, 10, 0]
    assert sum(part.units for part in row.bar) == row.on_hand == 30
    page = viewer.get(reverse("stock:panel", args=["FS-1"]), **HTMX).content.decode()
    for text in ("Where 30 units", one.sku.code, "Oversold 0", "Gate open", "O-SKU"):
        assert text in page
    assert "Top up" not in page


def test_a_campaign_without_a_lock_is_told_so(viewer: Client) -> None:
    make.campaign(code="FS-9")
    page = viewer.get(reverse("stock:panel", args=["FS-9"]))
    assert "Nothing is locked yet" in page.content.decode()


@pytest.mark.parametrize(
    "part", [str(one.pattern) for one in urlpatterns if "campaign>" in str(one.pattern)]
)
def test_nothing_is_shown_of_a_campaign_that_does_not_exist(
    operator: Client, part: str
) -> None:
    url = "/stock/" + part.replace("<slug:campaign>", "FS-9999")
    assert operator.get(url).status_code == 404
    assert operator.get(url, **HTMX).status_code == 404
    assert operator.post(url, **HTMX).status_code in {404, 405}


def test_no_file_is_made_of_a_campaign_that_does_not_exist(viewer: Client) -> None:
    url = reverse("stock:certificate_file", args=["FS-9999", "json"])
    assert viewer.get(url).status_code == 404


@pytest.mark.parametrize("skus", [1, 3])
def test_the_panel_takes_the_same_queries_for_any_number_of_skus(
    operator: Client, skus: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_sale(skus)
    stock.audit(now=timezone.now())
    with django_assert_num_queries(28):
        operator.get(reverse("stock:panel", args=["FS-1"]), **HTMX)


def test_top_up_and_its_effect(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:topup", args=[one.pk])
    assert "10 units are free" in operator.get(url, **HTMX).content.decode()
    effect = operator.get(url, {"units": "4"}, **HTMX).content.decode()
    assert "<ins>24</ins>" in effect and "<ins>20</ins>" in effect
    words = {"units": 4, "version": one.version, "reason": "ran hot"}
    told = operator.post(url, words, **HTMX)
    assert told.status_code == 204
    assert "stock-changed" in told["HX-Trigger"]
    assert Allocation.objects.get().quantity == 24
    feed = operator.get(reverse("stock:movements", args=["FS-1"]), **HTMX).text
    assert "topped up by 4" in feed and "ran hot" in feed


def test_once_the_sale_ended_nothing_offers_to_resize_it(operator: Client) -> None:
    (one,) = a_sale()
    here, offers = reverse("stock:panel", args=["FS-1"]), ("Top up", "buffer</button>")
    page = operator.get(here, **HTMX).content.decode()
    assert all(words in page for words in offers)
    stock.close_gate("FS-1", now=timezone.now())
    page = operator.get(here, **HTMX).content.decode()
    assert not any(words in page for words in offers)
    assert "History" in page and 'class="tick"' not in page
    url = reverse("stock:topup", args=[one.pk])
    told = operator.post(url, {"units": 4, "version": one.version}, **HTMX)
    assert told.status_code == 409
    assert "has ended" in told.content.decode()
    assert Allocation.objects.get().quantity == 20


def test_a_stale_top_up_is_refused_with_the_newer_values(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:topup", args=[one.pk])
    operator.post(url, {"units": 4, "version": 1}, **HTMX)
    told = operator.post(url, {"units": 4, "version": 1}, **HTMX)
    assert told.status_code == 409
    assert "is now 24" in told.content.decode()
    assert Allocation.objects.get().quantity == 24


def test_more_than_is_free_is_refused(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:topup", args=[one.pk])
    told = operator.post(url, {"units": 11, "version": 1}, **HTMX)
    assert (told.status_code, Allocation.objects.get().quantity) == (409, 20)
    told = operator.post(url, {"units": 0, "version": 1}, **HTMX)
    assert (told.status_code, Allocation.objects.get().quantity) == (200, 20)


def test_buffer_and_its_effect(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:buffer", args=[one.pk])
    assert (
        "<ins>13</ins>" in operator.get(url, {"buffer": "5"}, **HTMX).content.decode()
    )
    operator.post(url, {"buffer": 5, "version": 1}, **HTMX)
    assert Allocation.objects.get().buffer == 5


@pytest.mark.parametrize(
    "typed,said",
    [
        ("", "Enter a whole number of 0 to 18."),
        ("-5", "Enter a whole number of 0 to 18."),
        ("1.5", "Enter a whole number of 0 to 18."),
        ("9" * 20, "Enter a whole number of 0 to 18."),
        ("19", "Buyers hold or bought 2 of the 20 units: at most 18 can be held back."),
    ],
)
def test_a_buffer_that_cannot_be_has_no_effect_and_says_why(
    operator: Client, typed: str, said: str
) -> None:
    (one,) = a_sale()
    url = reverse("stock:buffer", args=[one.pk])
    effect = operator.get(url, {"buffer": typed}, **HTMX).text
    assert said in effect and effect.count("<ins>–</ins>") == 2
    assert ">Set buffer<" in effect and "Let " not in effect and "−" not in effect


@pytest.mark.parametrize(
    "typed,said",
    [
        ("", "Enter a whole number of 1 to 10."),
        ("0", "Enter a whole number of 1 to 10."),
        ("1.5", "Enter a whole number of 1 to 10."),
        ("999999", "10 units are free: no more than that can be added."),
    ],
)
def test_a_top_up_that_cannot_be_has_no_effect_and_says_why(
    operator: Client, typed: str, said: str
) -> None:
    (one,) = a_sale()
    url = reverse("stock:topup", args=[one.pk])
    effect = operator.get(url, {"units": typed}, **HTMX).text
    assert said in effect and effect.count("<ins>–</ins>") == 2
    assert ">Add units<" in effect


@pytest.mark.parametrize("typed", ["1e3", "1.5", "0", "20000000"])
def test_units_to_add_that_are_no_whole_number_in_range_are_refused_by_name(
    operator: Client, typed: str
) -> None:
    (one,) = a_sale()
    url = reverse("stock:topup", args=[one.pk])
    told = operator.post(url, {"units": typed, "version": one.version}, **HTMX).text
    assert "Units to add must be a whole number of 1 to 10." in told
    assert Allocation.objects.get().quantity == 20


def test_a_buffer_up_to_what_buyers_leave_is_told(operator: Client) -> None:
    (one,) = a_sale()
    url = reverse("stock:buffer", args=[one.pk])
    effect = operator.get(url, {"buffer": "18"}, **HTMX).text
    assert "<ins>18</ins>" in effect and "<ins>0</ins>" in effect
    assert ">Hold back 16 more<" in effect
    words = {"buffer": "-5", "version": one.version}
    told = operator.post(url, words, **HTMX).text
    assert "Buffer must be a whole number of 0 to 20." in told


def test_several_at_once_are_all_or_none(operator: Client) -> None:
    locked = a_sale(3)
    url = reverse("stock:several", args=["topup"])
    page = operator.get(url, {"pk": [one.pk for one in locked]}, **HTMX).text
    seen = [f"{one.pk}:{one.version}" for one in locked]
    assert "Top up 3 SKUs" in page
    assert re.findall(r'name="pk" value="([^"]*)"', page) == seen
    assert operator.post(url, {"pk": seen, "units": 10}, **HTMX).status_code == 204
    assert {one.quantity for one in Allocation.objects.all()} == {30}
    told = operator.post(url, {"pk": seen, "units": 1}, **HTMX)
    assert told.status_code == 409 and "while you were editing" in told.text
    seen = [f"{one.pk}:{one.version}" for one in Allocation.objects.all()]
    make.level(locked[0].sku, units=5)
    assert operator.post(url, {"pk": seen, "units": 1}, **HTMX).status_code == 409
    assert {one.quantity for one in Allocation.objects.all()} == {30}
    url = reverse("stock:several", args=["buffer"])
    operator.post(url, {"pk": seen, "units": 1}, **HTMX)
    assert {one.buffer for one in Allocation.objects.all()} == {3}
    assert queries.violations() == []


def test_a_viewer_looks_and_does_not_touch(viewer: Client) -> None:
    (one,) = a_sale()
    for name, args in (
        ("topup", [one.pk]),
        ("buffer", [one.pk]),
        ("several", ["topup"]),
    ):
        assert viewer.get(reverse(f"stock:{name}", args=args)).status_code == 403
    assert (
        viewer.get(reverse("stock:history", args=[one.pk]), **HTMX).status_code == 200
    )


@pytest.mark.parametrize("show,found", [("all", 3), ("low", 1), ("out", 1)])
def test_the_table_shows_what_is_asked(operator: Client, show: str, found: int) -> None:
    locked = a_sale(3)
    for one, units in zip(locked[:2], (16, 15), strict=True):
        stock.reserve(
            "FS-1",
            lines=[Item(one.sku.code, units)],
            buyer="b",
            key=uuid4().hex,
            now=timezone.now(),
        )
    url = reverse("stock:allocations", args=["FS-1"])
    page = operator.get(url, {"show": show, "sort": "-product"}, **HTMX)
    assert page.content.decode().count('<tr id="row-') == found


def test_the_ledger_of_one_sku(viewer: Client) -> None:
    (one,) = a_sale()
    page = viewer.get(reverse("stock:history", args=[one.pk]), **HTMX).text
    assert "Free" in page and "Buffer" in page


def test_a_top_up_tells_how_long_it_lasts(operator: Client) -> None:
    (one,) = a_sale()
    hold = {"buyer": "b", "now": timezone.now()}
    stock.reserve("FS-1", lines=[Item(one.sku.code, 8)], key="more", **hold)
    url = reverse("stock:topup", args=[one.pk])
    effect = operator.get(url, {"units": "8"}, **HTMX).content.decode()
    assert "Sells out in about" in effect
    assert "<del>4 min</del>" in effect and "<ins>8 min</ins>" in effect


def test_a_top_up_that_outlasts_the_sale_says_so(operator: Client) -> None:
    (one,) = a_sale()
    now = timezone.now()
    stock.reserve("FS-1", lines=[Item(one.sku.code, 8)], key="more", buyer="b", now=now)
    url = reverse("stock:topup", args=[one.pk])
    stock.tell_end("FS-1", now + timedelta(minutes=6))
    effect = operator.get(url, {"units": "8"}, **HTMX).text
    assert "<del>4 min</del>" in effect and "<ins>not before the end</ins>" in effect
    stock.tell_end("FS-1", now + timedelta(minutes=2))
    effect = operator.get(url, {"units": "8"}, **HTMX).text
    assert "Sells out</span><b>not before the end</b>" in effect


def test_the_figure_of_what_is_sold_out_comes_with_the_rows(operator: Client) -> None:
    one, *_ = a_sale(3)
    lines = [Item(one.sku.code, 16)]
    now = timezone.now()
    stock.reserve("FS-1", lines=lines, buyer="b", key="all", now=now)
    url = reverse("stock:allocations", args=["FS-1"])
    page = operator.get(url, {"show": "out"}, **HTMX).text
    assert page.count('<tr id="row-') == 1 and "Sold out 1</label>" in page
    figure = '<small id="soldout-now" hx-swap-oob="true">1 SKU now, shops act on 0<'
    assert figure in page
    for part in ("panel", "sold_out"):
        page = operator.get(reverse(f"stock:{part}", args=["FS-1"]), **HTMX).text
        assert '<small id="soldout-now" hx-preserve>1 SKU now, shops act on 0<' in page
