"""Figures on the plan page: how they are entered, and how they are told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.forms import TermsForm, values_of
from tests import make
from tests.campaigns.test_views import HTMX, entered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def test_the_share_of_an_audience_is_entered_in_per_cent(merchant: Client) -> None:
    one = make.campaign()
    there = reverse("campaigns:save", args=[one.code])
    for typed, kept in (("37.5", "0.375"), ("", "1.000"), ("0.1", "0.001")):
        one.refresh_from_db()
        said = entered(reach=typed, version=one.version, name=one.name)
        assert merchant.post(there, said).status_code == 302, typed
        one.refresh_from_db()
        assert str(one.reach) == kept
    shown = TermsForm(initial=values_of(one))["reach"]
    assert shown.value() == "0.1"
    refused = merchant.post(there, entered(reach="101", version=one.version))
    assert "Audience share must be 100 or less" in refused.content.decode()


def test_a_figure_of_the_verdict_says_whether_its_limit_is_the_least(
    merchant: Client,
) -> None:
    limits = {"min_depth_percent": 20, "min_gap_days": 0, "max_sales": 4}
    one = make.campaign(of=make.audience(**limits))
    page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert '30%<span class="faint">, at least 20%</span>' in page
    assert '1<span class="faint"> of at most 4</span>' in page


@pytest.mark.parametrize(
    ("change", "judged"), [({"price_kind": "personal"}, True), ({"name": "New"}, False)]
)
def test_products_are_judged_anew_where_the_law_asks(
    merchant: Client, change: dict[str, str], judged: bool
) -> None:
    one = make.campaign()
    said = {name: v for name, v in values_of(one).items() if v not in (None, "")}
    there = reverse("campaigns:save", args=[one.code])
    reply = merchant.post(there, said | change, headers=HTMX)
    assert reply.status_code == 200
    assert ("lines-changed" in reply["HX-Trigger"]) is judged


def test_a_budget_has_no_more_decimals_than_its_currency(merchant: Client) -> None:
    one = make.campaign()
    url = reverse("campaigns:plan", args=[one.code])
    form = merchant.get(url).context["form"]
    said = TermsForm({"budget_gmv": "10.125", "currency": "EUR"}, initial=form.initial)
    told = "Budget, revenue: EUR has 2 decimals at most."
    assert said.errors["budget_gmv"] == [told]
