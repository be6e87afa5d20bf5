"""The lines of a plan in a browser: one cell, one row, many rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from config.smoke.forms import Forms
from console.prices import operations as prices
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_views import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def test_a_cell_that_is_stale_shows_both_values(merchant: Client) -> None:
    one = make.campaign()
    line = one.lines.get()
    there = reverse("campaigns:edit_line", args=[one.code, line.pk])
    cells = {"sale_price": "70.00", "units": "10", "buffer": "0", "version": "1"}
    saw = {"seen": '{"sale_price": "70.00", "units": "10", "buffer": "0"}'}
    assert (
        merchant.post(there, cells | {"units": "12"}, headers=HTMX).status_code == 200
    )
    reply = merchant.post(there, cells | saw | {"sale_price": "66"}, headers=HTMX)
    assert (reply.status_code, reply["HX-Retarget"]) == (422, "#dialogs")
    found = {one.name: one for one in reply.context["screen"].differences}
    assert set(found) == {"sale_price", "units"}
    assert (found["units"].newer, found["units"].kept) == ("12", False)
    merchant.post(there, Forms(reply.text).to(there))
    line.refresh_from_db()
    assert (line.sale_price, line.units) == (66, 12)


def test_a_cell_is_saved_and_its_row_answers(merchant: Client) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    url = reverse("campaigns:edit_line", args=[campaign.code, line.pk])
    reply = merchant.post(url, {"sale_price": "65.00", "version": 1}, headers=HTMX)
    assert "65.00" in reply.content.decode()
    line.refresh_from_db()
    assert line.sale_price == Decimal(65)
    foot = reply.text.partition('<tr id="products-total" hx-swap-oob="true">')[2]
    assert "−35%" in foot
    assert "avg</span> 65.00" in foot


@pytest.mark.parametrize(
    "cells,words",
    [
        ({"sale_price": "120"}, "not below the list price"),
        ({"sale_price": "abc"}, "Enter a number"),
        ({"units": "-3"}, "between 1 and 10,000,000"),
        ({"buffer": "10"}, "leaves nothing to sell"),
        ({"units": ""}, "Enter a number"),
        ({"sale_price": "1,500"}, "a point before the decimals"),
        ({"sale_price": "0,500,000"}, "a point before the decimals"),
    ],
)
def test_a_bad_cell_is_said_below_its_row(
    merchant: Client, cells: dict[str, str], words: str
) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    url = reverse("campaigns:edit_line", args=[campaign.code, line.pk])
    reply = merchant.post(url, cells | {"version": 1}, headers=HTMX)
    assert reply.status_code == 422
    assert words in reply.content.decode()
    line.refresh_from_db()
    assert (line.sale_price, line.units, line.buffer) == (70, 10, 0)


@pytest.mark.parametrize(
    "written,price", [("68,50", "68.50"), ("0,500", "0.50"), (",500", "0.50")]
)
def test_a_comma_before_the_decimals_is_read(
    merchant: Client, written: str, price: str
) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    url = reverse("campaigns:edit_line", args=[campaign.code, line.pk])
    merchant.post(url, {"sale_price": written, "version": 1}, headers=HTMX)
    line.refresh_from_db()
    assert line.sale_price == Decimal(price)


def test_an_unlawful_price_is_kept_and_a_lawful_one_offered(merchant: Client) -> None:
    campaign = make.campaign(of=make.audience(min_depth_percent=20))
    line = campaign.lines.get()
    line.regular_price = Decimal(169)
    line.save(update_fields=["regular_price"])
    url = reverse("campaigns:edit_line", args=[campaign.code, line.pk])
    reply = merchant.post(url, {"sale_price": "119", "version": 1}, headers=HTMX)
    page = reply.content.decode()
    assert "not below the 30-day low" in page
    assert "Set €80.00" in page


def test_what_is_set_in_per_cent_is_shown_before_it_is_set(merchant: Client) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    url = reverse("campaigns:set_lines", args=[campaign.code, "depth"])
    shown = merchant.get(url, {"lines": line.pk, "percent": "25"}, headers=HTMX).text
    assert '<label for="percent_percent">Depth</label>' in shown
    assert "<span>%</span>" in shown
    assert "70.00" in shown
    assert "<b>75.00</b>" in shown
    line.refresh_from_db()
    assert line.sale_price == 70
    none = merchant.get(url, {"lines": line.pk, "percent": "0"}, headers=HTMX).text
    assert 'data-tone="bad"' in none
    wrong = merchant.get(url, {"lines": line.pk, "percent": "x"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "Correct it" in wrong.text
    held = reverse("campaigns:set_lines", args=[campaign.code, "buffer"])
    assert "<b>2</b>" in merchant.get(held, {"lines": line.pk}, headers=HTMX).text
    assert merchant.get(held.replace("buffer", "sku")).status_code == 404


def test_a_per_cent_that_is_not_sent_sets_nothing(merchant: Client) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    for field, label in (("depth", "Depth"), ("buffer", "Buffer")):
        url = reverse("campaigns:set_lines", args=[campaign.code, field])
        said = f"{label} is missing. Fill it in."
        assert said not in merchant.get(url, {"lines": line.pk}).text
        reply = merchant.post(url, {"lines": line.pk})
        assert reply.status_code == 422
        assert said in reply.text
    was = line.sale_price, line.buffer, line.version
    line.refresh_from_db()
    assert (line.sale_price, line.buffer, line.version) == was


def test_lines_are_added_set_and_removed(merchant: Client) -> None:
    campaign = make.campaign()
    one = make.sku("RVN-M-OCH", price="169.00")
    url = reverse("campaigns:add_line", args=[campaign.code])
    merchant.post(url, {"sku": one.code, "sale_price": "119", "units": 5})
    ids = list(campaign.lines.values_list("pk", flat=True))
    url = reverse("campaigns:set_lines", args=[campaign.code, "depth"])
    merchant.post(url, {"lines": ids, "percent": "25"})
    prices = campaign.lines.order_by("pk").values_list("sale_price", flat=True)
    assert list(prices) == [Decimal("75.00"), Decimal("126.75")]
    url = reverse("campaigns:remove_lines", args=[campaign.code])
    merchant.post(url, {"lines": ids[:1]})
    assert campaign.lines.count() == 1


def test_a_row_says_how_far_below_the_usual_price_it_is(merchant: Client) -> None:
    one = make.campaign()
    line = one.lines.get()
    plan = reverse("campaigns:plan", args=[one.code])
    assert one.opens_at
    assert line.sale_price == 70
    assert "usual −30%" in merchant.get(plan).text
    lately = one.opens_at - timedelta(days=20)
    prices.note(line.sku.code, Decimal(80), from_at=lately)
    assert "usual −30%" in merchant.get(plan).text
    for price, words in (("99.50", "under 1% below usual"), ("100", "not below usual")):
        line.regular_price, line.sale_price = Decimal(120), Decimal(price)
        line.save()
        assert words in merchant.get(plan).text


def test_without_a_history_no_usual_price_is_made_up(merchant: Client) -> None:
    one = make.campaign()
    line = one.lines.get()
    line.sku = Sku.objects.create(code="NEW", name="New", regular_price=100)
    line.save()
    page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert "NEW" in page
    assert "usual" not in page.split('id="products"')[1].split("<tbody>")[1]
