"""A form says at once all that is wrong with it, each at its field."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import terms
from console.campaigns.forms import AddLineForm, TermsForm
from console.campaigns.forms.markets import MarketForm
from console.campaigns.forms.pricing import FillForm
from console.campaigns.terms import BadTerm
from tests import make
from tests.campaigns.test_amendment_views import rows
from tests.campaigns.test_markets import market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HTMX = {"HX-Request": "true"}


def test_a_line_says_at_each_cell_what_is_wrong_there(merchant: Client) -> None:
    line = make.campaign().lines.get()
    url = reverse("campaigns:edit_line", args=[line.campaign.code, line.pk])
    said = {"sale_price": "500", "units": "0", "buffer": "x", "version": line.version}
    shown = merchant.post(url, said, headers=HTMX)
    assert shown.status_code == 422
    for name in ("sale_price", "units", "buffer"):
        text = shown.context["form"].errors[name][0]
        where = f'id="e-{name}-{line.pk}">{text}</span>'
        assert where in shown.text.replace("&#x27;", "'"), name
        assert f'aria-describedby="e-{name}-{line.pk}"' in shown.text
    assert f'id="e-{line.pk}" hx-swap-oob="true" hidden' in shown.text


def test_a_product_to_add_says_all_that_is_wrong_with_it() -> None:
    make.sku("HAT", price="50")
    said = {"sku": "NOPE", "sale_price": "60", "units": "5", "buffer": "5"}
    assert _added(said) == {"sku", "buffer"}
    assert _added(said | {"sku": "HAT"}) == {"sale_price", "buffer"}
    assert _added(said | {"sku": "HAT", "regular_price": "90"}) == {"buffer"}


def test_a_product_to_add_asks_for_a_list_price_that_nobody_said() -> None:
    make.sku("HAT", price="50")
    said = {"sku": "HAT", "sale_price": "6000", "units": "5", "buffer": "5"}
    assert _added(said, currency="JPY") == {"regular_price", "buffer"}


def _added(said: dict[str, str], **terms: str) -> set[str]:
    of = make.campaign(lines=0, **terms)
    return set(AddLineForm(said, of=of, now=make.NOW).errors)


def test_a_fill_says_that_its_buffer_leaves_nothing_besides_the_rest() -> None:
    said = {"units": "5", "buffer": "5", "value": "200"}
    said |= {"kind": "category", "method": "percent_off_regular"}
    assert {"name", "value", "buffer"} <= FillForm(said).errors.keys()


def test_terms_say_that_an_end_is_missing_besides_the_rest() -> None:
    form = TermsForm({"name": "", "opens_local": "2026-12-01T20:00"})
    assert {"name", "owner", "closes_local"} <= form.errors.keys()


def test_a_program_is_told_every_term_that_cannot_be() -> None:
    said = {"owner": "nobody", "markets": ["IT"], "hold_ttl_s": 0}
    with pytest.raises(BadTerm) as refused:
        terms.filled(said, over=make.campaign())
    assert refused.value.detail["errors"].keys() == said.keys()
    assert all(f"{name}: " in refused.value.message for name in said)


def test_an_amendment_says_what_is_wrong_in_rows_and_below(merchant: Client) -> None:
    sale = make.armed()
    typed = rows({"sku": "NOPE", "sale_price": "x"})
    reply = merchant.post(reverse("campaigns:amend", args=[sale.code]), typed)
    assert reply.context["rows"].forms[0].errors
    assert "reason" in reply.context["form"].errors


def test_people_to_call_and_where_they_meet_are_judged_together(
    merchant: Client,
) -> None:
    one = make.campaign()
    said = rows({"name": "Mara"}) | {"war_room": "http://x", "version": "x"}
    url = reverse("campaigns:set_contacts", args=[one.code])
    reply = merchant.post(url, said)
    assert reply.context["rows"].forms[0].errors
    assert "war_room" in reply.context["room"].errors


def test_a_market_says_whose_a_country_is_besides_the_rest() -> None:
    market("DE", name="Germany")
    form = MarketForm({"code": "X", "countries": "DE, FR"})
    assert "DE belongs to DE already" in form.errors["countries"][0]
    assert "name" in form.errors
