"""The pages of amendments, as a browser without scripts would use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import Change, Wish
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def rows(*said: dict[str, Any]) -> dict[str, Any]:
    """A posted formset."""
    data = {"form-TOTAL_FORMS": len(said), "form-INITIAL_FORMS": len(said)}
    for number, row in enumerate(said):
        data |= {f"form-{number}-{name}": value for name, value in row.items()}
    return data


def test_propose_read_approve(merchant: Client) -> None:
    sale = make.armed()
    sku = sale.lines.get().sku.code
    page = merchant.get(reverse("campaigns:amend", args=[sale.code]))
    assert sku in page.content.decode()
    base = page.context["form"]["base"].value()
    typed = rows({"sku": sku, "sale_price": "60", "units": "10", "buffer": "0"})
    reply = merchant.post(
        reverse("campaigns:amend", args=[sale.code]),
        typed | {"reason": "Competitor", "base": base},
    )
    made = Amendment.objects.get()
    there = reverse("campaigns:amendment", args=[sale.code, 1])
    assert reply.url == there
    page = merchant.get(there)
    assert "70.00 →" in page.content.decode()
    assert "10 → <b>10" not in page.content.decode()
    assert "Approve and apply" not in page.content.decode()
    approver = Client()
    approver.force_login(make.user("approver"))
    assert "Approve and apply" in approver.get(there).content.decode()
    told = approver.post(f"{there}approve/", {"content_hash": made.content_hash})
    assert told.url == there
    assert sale.lines.get().sale_price == 60
    assert "Applied" in approver.get(there).content.decode()


def test_a_form_read_before_another_change_is_refused(merchant: Client) -> None:
    sale = make.armed()
    sku = sale.lines.get().sku.code
    said = {"reason": "Late", "base": "0" * 64}
    there = reverse("campaigns:amend", args=[sale.code])
    reply = merchant.post(there, rows({"sku": sku, "sale_price": "60"}) | said)
    assert reply.status_code == 409
    assert not Amendment.objects.exists()


def test_a_reason_is_asked_for(merchant: Client) -> None:
    sale = make.armed()
    sku = sale.lines.get().sku.code
    there = reverse("campaigns:amend", args=[sale.code])
    reply = merchant.post(there, rows({"sku": sku, "sale_price": "60"}))
    assert reply.status_code == 422
    assert "reason" in reply.context["form"].errors


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    merchant: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sale: Campaign = make.armed()
    sku = sale.lines.get().sku.code
    for units in range(count):
        campaigns.propose(
            sale.code,
            Change([Wish(sku, units=20 + units)]),
            actor=sale.author,
            now=NOW,
        )
    merchant.get(reverse("campaigns:changes", args=[sale.code]))
    with django_assert_num_queries(9):
        merchant.get(reverse("campaigns:changes", args=[sale.code]))


def test_which_of_two_equal_times_is_asked_only_where_there_are_two(
    merchant: Client,
) -> None:
    sale = make.armed(zone="Europe/Berlin")
    there = reverse("campaigns:amend", args=[sale.code])
    page = merchant.get(there)
    assert page.context["form"]["fold"].is_hidden
    Campaign.objects.filter(pk=sale.pk).update(
        opens_at=datetime(2027, 10, 30, 20, tzinfo=UTC),
        opens_local=datetime.fromisoformat("2027-10-30T22:00"),
        closes_at=datetime(2027, 10, 30, 23, tzinfo=UTC),
        closes_local=datetime.fromisoformat("2027-10-31T01:00"),
    )
    base = page.context["form"]["base"].value()
    typed = rows() | {"reason": "Longer", "closes_local": "2027-10-31T02:30"}
    asked = merchant.post(there, typed | {"base": base})
    assert asked.status_code == 422
    assert not asked.context["form"]["fold"].is_hidden
    assert "comes twice" in str(asked.context["form"].errors["fold"])
    merchant.post(there, typed | {"fold": "1", "base": base})
    assert Amendment.objects.get().end["after"] == "2027-10-31T01:30:00+00:00"


def test_a_sale_that_is_over_is_not_amended(client: Client) -> None:
    over = make.armed()
    Campaign.objects.filter(pk=over.pk).update(state="closed", opened_at=NOW)
    client.force_login(over.author)
    reply = client.get(reverse("campaigns:amend", args=[over.code]))
    assert reply.status_code == 409


def test_an_unknown_sku_is_told_in_its_row_and_the_rest_stays_as_typed(
    merchant: Client,
) -> None:
    sale = make.armed()
    there = reverse("campaigns:amend", args=[sale.code])
    known = {"sku": sale.lines.get().sku.code, "sale_price": "61"}
    typed = rows(known, {"sku": "NOPE", "sale_price": "5", "units": "3"})
    reply = merchant.post(there, typed | {"reason": "Competitor"})
    assert reply.status_code == 422
    fine, wrong = reply.context["rows"].forms
    assert not fine.errors
    assert wrong.errors == {"sku": ["There is no SKU NOPE. Check the code."]}
    assert (fine["sale_price"].value(), wrong["units"].value()) == ("61", "3")
    assert "There is no SKU NOPE" in reply.text
    assert "Competitor" in reply.text
    same = rows(known | {"sale_price": ""})
    reply = merchant.post(there, same | {"reason": "Competitor"})
    assert "Nothing changes" in str(reply.context["form"].errors["__all__"])
    assert not Amendment.objects.exists()


def test_a_later_end_is_asked_to_be_accepted_beside_the_tick(merchant: Client) -> None:
    sale = make.armed()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(sale.code, actor=None, now=NOW)
    later = (sale.closes_local + timedelta(hours=1)).isoformat()
    typed = rows() | {"reason": "Longer", "closes_local": later}
    there = reverse("campaigns:amend", args=[sale.code])
    reply = merchant.post(there, typed)
    assert reply.status_code == 422
    assert "countdown" in reply.context["form"].errors
    assert reply.context["form"]["reason"].value() == "Longer"
    assert merchant.post(there, typed | {"countdown": "on"}).status_code == 302


def test_an_end_moved_without_an_amendment_is_told_among_the_changes(
    merchant: Client,
) -> None:
    sale, there = make.armed(), "campaigns:changes"
    assert "Nothing was amended" in merchant.get(reverse(there, args=[sale.code])).text
    campaigns.extend(
        sale.code, closes_local=sale.closes_local + timedelta(hours=1),
        actor=make.user("operator"), now=NOW, reason="<Late> van",
    )  # fmt: skip
    page = merchant.get(reverse(there, args=[sale.code]))
    assert "End moved" in page.text
    assert "&lt;Late&gt; van" in page.text
    assert "Nothing was amended" not in page.text
    (one,) = page.context["moved"]
    assert one.ends[1] - one.ends[0] == timedelta(hours=1)


def test_who_may_decide_an_amendment_is_led_to_it(client: Client) -> None:
    sale = make.armed()
    wish = Change([Wish(sale.lines.get().sku.code, units=20)])
    campaigns.propose(sale.code, wish, reason="Runs <well>", actor=sale.author, now=NOW)
    page, there = (
        reverse(f"campaigns:{name}", args=[sale.code, *more])
        for name, more in (("changes", []), ("amendment", [1]))
    )
    client.force_login(make.user("approver"))
    shown = client.get(page).text
    assert "Amendment 1 waits for your decision" in shown
    assert "Runs &lt;well&gt;" in shown
    assert f'<a class="btn btn--sm btn--primary" href="{there}">' in shown
    client.force_login(sale.author)
    assert "waits for your decision" not in client.get(page).text
    sale.author.groups.set(make.user("approver").groups.all())
    assert "waits for your decision" not in client.get(page).text
    client.force_login(make.user("approver"))
    client.post(f"{there}reject/", {"reason": "No"})
    assert "waits for your decision" not in client.get(page).text
