"""The dialogs of decisions and controls, as a browser without scripts uses them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make.user("operator"))
    return client


def live() -> Campaign:
    sale = make.armed()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(sale.code, actor=None, now=NOW)
    sale.refresh_from_db()
    return sale


def test_moving_the_end_asks_for_the_fold_only_where_the_hour_comes_twice(
    operator: Client,
) -> None:
    sale = make.armed(
        zone="Europe/Berlin",
        opens_local=datetime.fromisoformat("2027-10-30T22:00"),
        closes_local=datetime.fromisoformat("2027-10-31T01:00"),
    )
    there = reverse("campaigns:extend", args=[sale.code])
    assert operator.get(there).context["form"]["fold"].is_hidden
    twice = {"closes_local": "2027-10-31T02:30"}
    asked = operator.post(there, twice)
    assert asked.status_code == 422
    assert not asked.context["form"]["fold"].is_hidden
    assert "comes twice" in str(asked.context["form"].errors["fold"])
    assert operator.post(there, twice | {"fold": "1"}).status_code == 302
    sale.refresh_from_db()
    assert sale.closes_at.isoformat() == "2027-10-31T01:30:00+00:00"


def test_a_later_end_of_a_live_sale_asks_to_accept_what_shoppers_were_shown(
    operator: Client,
) -> None:
    sale = live()
    there = reverse("campaigns:extend", args=[sale.code])
    assert not operator.get(there).context["form"]["countdown"].is_hidden
    later = {"closes_local": (sale.closes_local + timedelta(hours=1)).isoformat()}
    refused = operator.post(there, later)
    assert refused.status_code == 422
    assert "countdown" in str(refused.context["form"].errors["countdown"])
    assert not Approval.objects.filter(kind="amend").exists()
    assert operator.post(there, later | {"countdown": "on"}).status_code == 302
    assert Approval.objects.filter(kind="amend").exists()


def test_a_sale_nobody_has_seen_moves_its_end_without_that(operator: Client) -> None:
    sale = make.armed()
    there = reverse("campaigns:extend", args=[sale.code])
    assert operator.get(there).context["form"]["countdown"].is_hidden
    later = {"closes_local": (sale.closes_local + timedelta(hours=1)).isoformat()}
    assert operator.post(there, later).status_code == 302


@pytest.mark.parametrize("sent", [{}, {"HX-Request": "true"}], ids=["page", "dialog"])
def test_an_end_that_does_not_move_is_said_at_its_field_and_keeps_what_was_typed(
    operator: Client, sent: dict[str, str]
) -> None:
    sale = make.armed()
    there = reverse("campaigns:extend", args=[sale.code])
    said = {"closes_local": sale.closes_local.isoformat(), "reason": "Still selling"}
    reply = operator.post(there, said, headers=sent)
    assert reply.status_code == 422
    wrong = "The sale already ends at that time. Choose another end."
    assert reply.context["form"].errors == {"closes_local": [wrong]}
    assert wrong in reply.text and "Still selling" in reply.text
    assert ("<html" in reply.text, 'id="dlg-extend"' in reply.text) == (
        not sent, bool(sent),
    )  # fmt: skip


@pytest.mark.parametrize("name,after", [("end", "ending"), ("abort", "aborted")])
def test_what_cannot_be_undone_is_refused_until_the_code_is_typed(
    operator: Client, name: str, after: str
) -> None:
    sale = live()
    there = reverse(f"campaigns:{name}", args=[sale.code])
    said = {"reason": "Recall"}
    for typed in ({}, {"typed": ""}, {"typed": "FS-0000"}):
        refused = operator.post(there, said | typed)
        assert refused.status_code == 422
        wanted = [f"Enter {sale.code}."]
        assert refused.context["form"].errors == {"typed": wanted}
    assert operator.post(there, said | {"typed": sale.code.lower()}).status_code == 302
    sale.refresh_from_db()
    assert sale.state == after


@pytest.mark.parametrize("name", ["end", "abort", "break_glass"])
def test_its_button_stays_off_until_the_code_is_typed(
    client: Client, name: str
) -> None:
    client.force_login(make.user("commander"))
    code = make.armed().code
    form = client.get(reverse(f"campaigns:{name}", args=[code])).context["form"]
    assert form.fields["typed"].widget.attrs["data-confirm"] == code
    assert f"Type {code} to confirm" in form.as_p()


def test_a_decision_made_below_an_anchor_loads_the_page_anew(merchant: Client) -> None:
    plan = make.submitted()
    there = reverse("campaigns:plan", args=[plan.code])
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{there}?q=a#b"}
    url = reverse("campaigns:withdraw", args=[plan.code])
    reply = merchant.post(url, headers=asked)
    assert reply["HX-Redirect"] == f"{there}?q=a"
