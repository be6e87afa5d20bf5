"""The form of the terms: what stands open, and what each closed section says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.forms import TermsForm, values_of
from console.campaigns.forms.sections import Section
from console.campaigns.models import Campaign
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HTMX = {"HX-Request": "true"}
OPEN = ["name", "revenue_target", "owner", "occasion", "audience", "category"]
OPEN += ["opens_local", "closes_local", "zone"]


def said(campaign: Campaign) -> dict[str, str]:
    """What each section says of a campaign."""
    form = TermsForm(initial=values_of(campaign))
    return {one.name: one.said for one in form.sections}


def posted(campaign: Campaign, **changes: Any) -> dict[str, Any]:
    """The form as it stands, with changes."""
    form = TermsForm(initial=values_of(campaign))
    return {name: form[name].value() or "" for name in form.fields} | changes


def opened(page: str) -> list[str]:
    """The sections that a page shows open."""
    return re.findall(r'<details class="[^"]*" id="terms-(\w+)" open>', page)


def by_name(form: TermsForm) -> dict[str, Section]:
    return {one.name: one for one in form.sections}


def test_nine_fields_stand_open_and_every_other_is_in_one_section() -> None:
    form = TermsForm(initial=values_of(make.campaign()))
    assert [one.name for one in form.front] == OPEN
    closed = [field.name for one in form.sections for field in one.fields]
    drawn = sorted([*OPEN, *closed])
    assert drawn == sorted(field.name for field in form.visible_fields())


def test_a_plan_of_defaults_says_so_of_each_section() -> None:
    assert said(make.campaign(on_call_id=None)) == {
        "load": "60 orders in the busiest minute · whole audience · nobody on call",
        "limits": "EUR · no limits",
        "checkout": "hold of 600 s · carts keep the sale price until the hold expires",
        "claims": "for everybody",
    }


def test_what_is_set_is_said_on_the_closed_line() -> None:
    person = make.user("operator", name="mara")
    one = make.campaign(
        expected_orders_peak=1,
        reach="0.375",
        on_call_id=person.pk,
        currency="USD",
        buyer_limit=2,
        order_limit=3,
        budget_units=5000,
        budget_discount="12000",
        budget_gmv="99.5",
        hold_ttl_s=1200,
        carts_at_end="reprice",
    )
    one.refresh_from_db()
    assert said(one) == {
        "load": "1 order in the busiest minute · 37.5% of the audience · mara on call",
        "limits": "USD · 2 per buyer · 3 per order · budget 5,000 units, "
        "$12,000 discount, $99.50 revenue",
        "checkout": "hold of 1,200 s · carts lose the sale price at the end",
        "claims": "for everybody",
    }


@pytest.mark.parametrize("page", ["new", "plan"])
def test_no_section_is_open_at_first(merchant: Client, page: str) -> None:
    there = reverse("campaigns:create")
    if page == "plan":
        there = reverse("campaigns:plan", args=[make.campaign().code])
    shown = merchant.get(there).text
    assert shown.count("<details") == 4
    assert opened(shown) == []
    assert "EUR · no limits" in shown


def test_a_plan_that_is_only_read_has_the_same_sections(client: Client) -> None:
    one = make.submitted()
    client.force_login(make.user("viewer"))
    shown = client.get(reverse("campaigns:plan", args=[one.code])).text
    assert shown.count("<details") == 4
    assert "EUR · no limits" in shown


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_section_with_an_error_comes_back_open(
    merchant: Client, headers: dict[str, str]
) -> None:
    one = make.campaign()
    there = reverse("campaigns:save", args=[one.code])
    typed = posted(one, hold_ttl_s="4000", buyer_limit="2")
    shown = merchant.post(there, typed, headers=headers)
    assert shown.status_code == 422
    assert opened(shown.text) == ["checkout"]
    found = by_name(shown.context["form"])
    assert found["checkout"].said == "1 to correct"
    assert found["limits"].said == "EUR · 2 per buyer"


def test_a_new_campaign_with_an_error_says_what_was_entered(merchant: Client) -> None:
    person = make.user("operator", name="mara")
    make.audience()
    typed = {"reach": "x", "currency": "GBP", "on_call": person.pk}
    shown = merchant.post(reverse("campaigns:create"), typed | {"hold_ttl_s": "90"})
    assert opened(shown.text) == ["load"]
    found = by_name(shown.context["form"])
    assert found["load"].said == "2 to correct"
    assert found["limits"].said == "GBP · no limits"
    assert found["checkout"].said.startswith("hold of 90 s")
    typed |= {"reach": "5", "expected_orders_peak": "70"}
    shown = merchant.post(reverse("campaigns:create"), typed)
    assert opened(shown.text) == ["checkout"]
    assert by_name(shown.context["form"])["load"].said == (
        "70 orders in the busiest minute · 5% of the audience · mara on call"
    )


def test_an_error_in_front_opens_no_section(merchant: Client) -> None:
    one = make.campaign()
    there = reverse("campaigns:save", args=[one.code])
    shown = merchant.post(there, posted(one, name=""))
    assert (shown.status_code, opened(shown.text)) == (422, [])


def test_a_save_brings_the_closed_lines_up_to_date(merchant: Client) -> None:
    one = make.campaign()
    there = reverse("campaigns:save", args=[one.code])
    shown = merchant.post(there, posted(one, buyer_limit="2"), headers=HTMX).text
    assert (
        '<small class="muted" id="said-limits" hx-swap-oob="true">EUR · 2 per buyer<'
        in shown
    )
    assert "<details" not in shown


def test_what_a_person_is_called_is_never_markup(merchant: Client) -> None:
    person = make.user("operator", name="mara")
    person.first_name = "<b>Mara</b>"
    person.save()
    one = make.campaign(on_call_id=person.pk)
    shown = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert "&lt;b&gt;Mara&lt;/b&gt; on call" in shown
    assert "<b>Mara</b>" not in shown


def test_who_left_is_on_call_no_more(merchant: Client) -> None:
    person = make.user("operator", name="mara")
    one = make.campaign(on_call_id=person.pk)
    assert said(one)["load"].endswith("mara on call")
    person.is_active = False
    person.save()
    assert said(one)["load"].endswith("nobody on call")


def test_the_claims_of_a_plan_are_said_on_their_line() -> None:
    one = make.campaign(price_kind="conditional", up_to_percent=40)
    assert (
        said(one)["claims"] == "for buyers of several together, as 3 for 2 · up to 40%"
    )
