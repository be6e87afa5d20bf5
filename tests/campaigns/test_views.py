"""Pages and forms of campaigns, as a browser without scripts would use them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from config.smoke.forms import Forms
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.rules import State
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def everyone() -> Any:
    """A browser for each role."""

    def browser(role: str) -> Client:
        one = Client()
        one.force_login(make.user(role))
        return one

    return browser


def entered(**changes: Any) -> dict[str, Any]:
    """What a person types to begin a campaign."""
    audience = make.audience()
    owner = make.user("merchandiser")
    said = {
        "name": "Alpine Shell Doorbuster",
        "audience": audience.pk,
        "owner": owner.pk,
        "zone": "Europe/Berlin",
        "opens_local": "2026-11-29T20:00",
        "closes_local": "2026-11-29T22:00",
        "expected_orders_peak": "600",
        "hold_ttl_s": "600",
    }
    return said | changes


def test_a_campaign_is_created_and_saved_by_plain_forms(merchant: Client) -> None:
    said = entered()
    reply = merchant.post(reverse("campaigns:create"), said)
    campaign = Campaign.objects.get()
    assert reply.url == reverse("campaigns:plan", args=[campaign.code])
    assert campaign.opens_at.isoformat() == "2026-11-29T19:00:00+00:00"
    saved = merchant.post(
        reverse("campaigns:save", args=[campaign.code]),
        said | {"name": "Renamed", "version": "1"},
    )
    assert saved.status_code == 302
    assert Campaign.objects.get().name == "Renamed"


@pytest.mark.parametrize(
    "changes,field,words",
    [
        ({"closes_local": "2026-11-29T19:00"}, "closes_local", "after the start"),
        ({"closes_local": ""}, "closes_local", "Choose both"),
        ({"opens_local": "tomorrow"}, "opens_local", "Write date and time"),
        (
            {"opens_local": "2027-03-28T02:30", "closes_local": "2027-03-28T12:00"},
            "opens_local",
            "The next time that does is 03:00",
        ),
        (
            {"opens_local": "2027-10-31T02:30", "closes_local": "2027-10-31T12:00"},
            "fold",
            "comes twice",
        ),
        ({"zone": "Mars/Olympus"}, "zone", "valid choice"),
        ({"name": ""}, "name", "is missing"),
        ({"expected_orders_peak": "-5"}, "expected_orders_peak", "1 or more"),
    ],
)
def test_bad_terms_are_said_at_their_field(
    merchant: Client, changes: dict[str, str], field: str, words: str
) -> None:
    reply = merchant.post(reverse("campaigns:create"), entered(**changes))
    assert reply.status_code == 200
    assert words in str(reply.context["form"].errors[field])
    assert not Campaign.objects.exists()


def test_autosave_answers_with_what_changed_around_the_form(merchant: Client) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    code = Campaign.objects.get().code
    reply = merchant.post(
        reverse("campaigns:save", args=[code]),
        said | {"name": "Renamed", "version": "1"},
        headers=HTMX,
    )
    page = reply.content.decode()
    assert 'id="zones"' in page
    assert 'value="2" id="id_version"' in page
    assert "campaign-changed" in reply["HX-Trigger"]


def test_two_editors_the_second_sees_three_columns_and_decides(
    merchant: Client,
) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    there = reverse("campaigns:plan", args=[Campaign.objects.get().code])
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    saw = merchant.get(there).context["seen"]
    first = {"name": "First", "hold_ttl_s": "300", "version": "1"}
    merchant.post(save, said | first)
    mine = {"name": "Second", "buyer_limit": "3", "version": "1", "seen": saw}
    reply = merchant.post(save, said | mine)
    assert reply.status_code == 409
    found = {one.name: one for one in reply.context["screen"].differences}
    assert set(found) == {"name", "hold_ttl_s", "buyer_limit"}
    name = found["name"]
    assert (name.seen, name.newer, name.yours) == (said["name"], "First", "Second")
    assert name.change and name.change.who == "aino"
    assert [found[n].kept for n in ("name", "hold_ttl_s", "buyer_limit")] == [
        True, False, True,
    ]  # fmt: skip
    assert Campaign.objects.get().name == "First"
    decided = Forms(reply.text).to(save) | {"take-name": "mine"}
    assert merchant.post(save, decided).status_code == 302
    kept = Campaign.objects.get()
    assert (kept.name, kept.hold_ttl_s, kept.buyer_limit) == ("Second", 300, 3)


def test_a_program_that_is_stale_is_told_the_newer_values(merchant: Client) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    merchant.post(save, said | {"name": "First", "version": "1"})
    asks = {"Accept": "application/json"}
    reply = merchant.post(save, said | {"name": "B", "version": "1"}, headers=asks)
    assert (reply.status_code, reply.json()["code"]) == (409, "stale_edit")
    assert reply.json()["detail"]["newer"]["name"] == "First"


def test_the_verdict_judges_what_is_typed_and_saves_nothing(merchant: Client) -> None:
    campaign = make.campaign()
    url = reverse("campaigns:verdict", args=[campaign.code])
    page = merchant.get(url, headers=HTMX).text
    assert "Go</h2>" in page
    typed = {
        "zone": "UTC",
        "opens_local": "2026-11-01T10:00",
        "closes_local": "2026-11-01T12:00",
    }
    page = merchant.post(url, typed, headers=HTMX).content.decode()
    assert "No-go" in page
    assert "in the past" in page
    assert Campaign.objects.get().opens_at == campaign.opens_at


def test_a_campaign_goes_from_draft_to_armed_through_its_forms(everyone: Any) -> None:
    author = make.user("merchandiser")
    code = make.campaign(author=author).code
    merchant, approver = Client(), everyone("approver")
    merchant.force_login(author)
    assert merchant.post(reverse("campaigns:submit", args=[code])).status_code == 302
    page = approver.get(reverse("campaigns:approve", args=[code])).content.decode()
    seen = Campaign.objects.get().content_hash
    assert seen in page
    url = reverse("campaigns:approve", args=[code])
    assert approver.post(url, {"content_hash": seen}).status_code == 302
    assert Campaign.objects.get().state == State.ARMED


@pytest.mark.parametrize(
    "name,role",
    [
        ("submit", "merchandiser"),
        ("withdraw", "merchandiser"),
        ("approve", "approver"),
        ("reject", "approver"),
        ("arm", "approver"),
        ("pause", "operator"),
        ("resume", "operator"),
        ("extend", "operator"),
        ("end", "operator"),
        ("abort", "operator"),
        ("discard", "merchandiser"),
    ],
)
def test_every_dialog_opens_for_its_role_only(
    everyone: Any, name: str, role: str
) -> None:
    url = reverse(f"campaigns:{name}", args=[make.campaign().code])
    assert everyone(role).get(url).status_code == 200
    assert everyone(role).get(url, headers=HTMX).status_code == 200
    assert everyone("viewer").get(url).status_code == 403


TABS = ["plan", "stock", "capacity", "activity"]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("made", [make.campaign, make.submitted, make.armed])
def test_every_tab_opens(everyone: Any, tab: str, made: Any) -> None:
    campaign = made()
    for role in ("viewer", "merchandiser", "approver", "operator"):
        url = reverse(f"campaigns:{tab}", args=[campaign.code])
        page = everyone(role).get(url)
        assert page.status_code == 200
        assert campaign.name in page.content.decode()


def test_a_code_nobody_has_is_not_found(merchant: Client) -> None:
    assert merchant.get("/campaigns/FS-9999/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_costs_the_same_for_one_and_three(
    merchant: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    campaign = make.campaign(lines=count)
    url = reverse("campaigns:plan", args=[campaign.code])
    merchant.get(url)
    with django_assert_num_queries(50):
        merchant.get(url)


def test_an_approver_reads_every_warning_to_accept(everyone: Any) -> None:
    made = make.campaign()
    for _ in range(4):
        make.line(made, author=made.author, units=100)
    campaigns.submit(made.code, actor=made.author, now=NOW)
    page = everyone("approver").get(reverse("campaigns:approve", args=[made.code]))
    warnings = page.context["verdict"].warnings
    assert len(warnings) > 4
    assert all(check.text in page.content.decode() for check in warnings)


def test_a_large_plan_comes_without_its_verdict_and_asks_for_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.campaigns.views.plan.JUDGED_AT_ONCE", 0)
    campaign = make.campaign()
    client.force_login(campaign.author)
    plan = reverse("campaigns:plan", args=[campaign.code])
    page = client.get(plan).content.decode()
    assert "Checking every product" in page
    assert 'hx-trigger="load, campaign-changed from:body"' in page
    assert "No-go" not in page
    there = reverse("campaigns:verdict", args=[campaign.code])
    assert "Checking every product" not in client.get(there, headers=HTMX).text
    without_scripts = client.get(plan, {"check": "now"})
    assert "Checking every product" not in without_scripts.content.decode()


def test_a_plan_whose_sale_opened_is_decided_and_not_judged(merchant: Client) -> None:
    made = make.armed()
    Campaign.objects.filter(pk=made.pk).update(opened_at=NOW)
    for name in ("plan", "verdict"):
        url = reverse(f"campaigns:{name}", args=[made.code])
        page = merchant.get(url, headers=HTMX)
        assert page.context["verdict"] is None
        assert ">Decided</h2>" in page.text


def test_a_sale_that_opened_lists_its_prices_to_decide(merchant: Client) -> None:
    made = make.armed()
    url = reverse("campaigns:plan", args=[made.code])
    there = f"{reverse('prices:conflicts')}?campaign={made.code}"
    assert there not in merchant.get(url).text
    Campaign.objects.filter(pk=made.pk).update(opened_at=NOW)
    assert there in merchant.get(url).text
