"""Setting prices on the page: looked at before, set, taken back; filling; drift."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign, Undo
from console.stock.models import Sku
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def plan() -> Campaign:
    made = make.campaign(lines=0)
    for code in "AB":
        make.line(made, author=made.author, code=code)
    return made


def test_a_price_is_looked_at_set_and_taken_back(
    merchant: Client, plan: Campaign
) -> None:
    there = reverse("campaigns:price", args=[plan.code])
    line = plan.lines.get(sku__code="A")
    asked = merchant.get(there, {"lines": line.pk}, headers=HTMX).content.decode()
    assert "Set 1 price" in asked
    assert "Before and after" not in asked
    typed = {"lines": line.pk, "method": "percent_off_regular", "value": "25"}
    typed |= {"charm": "99"}
    looked = merchant.post(there, typed | {"preview": "1"}, headers=HTMX)
    assert "74.99" in looked.content.decode()
    line.refresh_from_db()
    assert line.sale_price == 70
    reply = merchant.post(there, typed | {"apply": "1"}, headers=HTMX)
    assert plan.lines.get(sku__code="A").sale_price == Decimal("74.99")
    assert plan.lines.get(sku__code="B").sale_price == 70
    undo = json.loads(reply["HX-Trigger"])["toast"]["undo"]
    merchant.post(undo, headers=HTMX)
    assert plan.lines.get(sku__code="A").sale_price == 70


def test_without_ticks_every_price_is_set_and_bad_ones_are_named(
    merchant: Client, plan: Campaign
) -> None:
    there = reverse("campaigns:price", args=[plan.code])
    looked = merchant.post(there, {"method": "fixed", "value": "100", "preview": "1"})
    assert "not below the list price" in looked.content.decode()
    reply = merchant.post(there, {"method": "fixed", "value": "100", "apply": "1"})
    assert reply.status_code == 422
    assert (
        merchant.post(
            there, {"method": "percent_off_prior", "value": "100"}
        ).status_code
        == 422
    )
    merchant.post(there, {"method": "amount_off", "value": "40", "apply": "1"})
    assert set(plan.lines.values_list("sale_price", flat=True)) == {Decimal(60)}


def test_a_cell_can_be_taken_back_from_its_toast(
    merchant: Client, plan: Campaign
) -> None:
    line = plan.lines.get(sku__code="A")
    there = reverse("campaigns:edit_line", args=[plan.code, line.pk])
    reply = merchant.post(there, {"units": "44", "version": "1"}, headers=HTMX)
    undo = json.loads(reply["HX-Trigger"])["toast"]["undo"]
    assert undo == reverse("campaigns:undo", args=[plan.code, Undo.objects.get().pk])
    merchant.post(undo)
    assert plan.lines.get(sku__code="A").units == 10


def test_filling_says_what_was_kept(merchant: Client, plan: Campaign) -> None:
    Sku.objects.filter(code="A").update(category="Boots")
    make.level(make.sku("C", category="Boots"))
    there = reverse("campaigns:fill", args=[plan.code])
    assert merchant.get(there).status_code == 200
    typed = {"kind": "category", "name": "Boots", "method": "percent_off_regular"}
    typed |= {"value": "20", "units": "5", "buffer": "0"}
    page = merchant.post(there, typed).content.decode()
    assert "1 added" in page
    assert "A at" in page
    assert merchant.post(there, typed | {"buffer": "9"}).context["form"].errors
    undo = reverse("campaigns:undo", args=[plan.code, plan.undo.pk])
    assert f'<form method="post" action="{undo}">' in page
    before = plan.lines.count()
    assert merchant.post(undo).status_code == 302
    assert plan.lines.count() == before - 1
    source = plan.sources.get()
    merchant.post(reverse("campaigns:forget_source", args=[plan.code, source.pk]))
    assert not plan.sources.exists()


def test_a_misspelt_category_is_told_at_its_field_and_the_rest_stays_as_typed(
    merchant: Client, plan: Campaign
) -> None:
    there = reverse("campaigns:fill", args=[plan.code])
    typed = {"kind": "category", "name": "Bots", "method": "percent_off_regular"}
    reply = merchant.post(there, typed | {"value": "21", "units": "5", "buffer": "0"})
    assert reply.status_code == 422
    form = reply.context["form"]
    assert "No SKU matches Bots" in str(form.errors["name"])
    assert (form["name"].value(), form["value"].value()) == ("Bots", "21")
    assert not plan.sources.exists()


def test_drift_offers_an_amendment_with_what_joined(merchant: Client) -> None:
    sale = make.armed()
    make.level(make.sku("NEW", category="Boots"))
    sale.sources.create(
        kind="category",
        value="Boots",
        method="percent_off_regular",
        amount=30,
        units=5,
    )
    page = merchant.get(reverse("campaigns:changes", args=[sale.code]))
    assert "1 product joined Boots since the approval" in page.content.decode()
    amend = merchant.get(reverse("campaigns:amend", args=[sale.code]), {"add": "NEW"})
    first = amend.context["rows"].forms[0]
    assert (first["sku"].value(), first["sale_price"].value()) == ("NEW", "70.00")
