"""Two people edit what has no counter: people, announcements, markets, shops."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Announcement, Campaign, Market, Outlet
from console.campaigns.operations import MarketTerms
from console.campaigns.operations.markets import MarketTaken
from console.campaigns.queries import versions
from console.campaigns.rules import Anchor, Medium, StaleEdit, Told
from console.campaigns.rules.reaching import Contact
from console.campaigns.rules.versions import NOT_THERE, fingerprint
from tests import make
from tests.campaigns.test_two_edits import posted
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
MARA, TOM = Contact("Mara", "Lead", "+49 30 1"), Contact("Tom", "", "#sale")
HTMX = {"HX-Request": "true"}


def sent(page: HttpResponse, action: str, **typed: str) -> dict[str, str]:
    """What a form of a page sends when its fields are left as they are but these."""
    form = page.text.partition(f'action="{action}"')[2].partition("</form>")[0]
    data = {}
    for tag in re.findall(r"<input [^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" in said:
            data[said["name"]] = unescape(said.get("value", ""))
    return data | typed


def columns(reply: HttpResponse) -> list[tuple[str, str, str, str]]:
    assert reply.status_code in (409, 422), reply.status_code
    found = reply.context["screen"].differences
    return [(one.name, one.seen, one.newer, one.yours) for one in found]


@pytest.fixture
def sale() -> Campaign:
    one = make.campaign()
    campaigns.set_contacts(one.code, [MARA], actor=one.author, now=NOW)
    return one


def people(client: Client, one: Campaign) -> tuple[str, HttpResponse]:
    page = client.get(reverse("campaigns:people", args=[one.code]))
    return reverse("campaigns:set_contacts", args=[one.code]), page


def test_of_two_lists_of_people_the_second_sees_the_first(
    merchant: Client, sale: Campaign
) -> None:
    save, page = people(merchant, sale)
    theirs = {"form-1-name": "Tom", "form-1-reach": "#sale"}
    assert merchant.post(save, sent(page, save, **theirs)).status_code == 302
    mine = {"form-0-reach": "+49 30 99"}
    stale = merchant.post(save, sent(page, save, **mine))
    assert columns(stale) == [
        (
            "contacts",
            "1. Mara, Lead: +49 30 1",
            "1. Mara, Lead: +49 30 1; 2. Tom: #sale",
            "1. Mara, Lead: +49 30 99",
        )
    ]
    assert stale.context["screen"].differences[0].change.who
    sale.refresh_from_db()
    assert [one["name"] for one in sale.contacts] == ["Mara", "Tom"]
    kept = merchant.post(save, posted(stale, **{"take-contacts": "theirs"}))
    assert kept.status_code == 302
    sale.refresh_from_db()
    assert [one["name"] for one in sale.contacts] == ["Mara", "Tom"]
    mine_ = merchant.post(save, posted(stale, **{"take-contacts": "mine"}))
    assert mine_.status_code == 302
    sale.refresh_from_db()
    assert [one["reach"] for one in sale.contacts] == ["+49 30 99"]


def test_a_war_room_and_people_are_decided_apart(
    merchant: Client, sale: Campaign
) -> None:
    save, page = people(merchant, sale)
    merchant.post(save, sent(page, save, war_room="https://a.example/x"))
    mine = {"war_room": "https://b.example/x", "form-0-name": "Mara B."}
    stale = merchant.post(save, sent(page, save, **mine))
    assert [row[0] for row in columns(stale)] == ["contacts", "war_room"]
    said = {"take-contacts": "mine", "take-war_room": "theirs"}
    merchant.post(save, posted(stale, **said))
    sale.refresh_from_db()
    assert (sale.contacts[0]["name"], sale.war_room) == (
        "Mara B.", "https://a.example/x",
    )  # fmt: skip


def test_the_same_people_twice_are_no_two_edits(
    merchant: Client, sale: Campaign
) -> None:
    save, page = people(merchant, sale)
    body = sent(page, save, **{"form-0-name": "Mara B."})
    assert merchant.post(save, body).status_code == 302
    assert merchant.post(save, body).status_code == 302
    said = Entry.objects.filter(verb="campaign.set_contacts")
    assert said.count() == 2, "the first by the fixture, and one"


def test_a_page_that_sends_no_version_is_told_to_reload(
    merchant: Client, sale: Campaign
) -> None:
    save, page = people(merchant, sale)
    body = sent(page, save)
    del body["version"]
    reply = merchant.post(save, body)
    assert reply.status_code == 422
    assert "Reload the page" in reply.text


def test_nonsense_from_the_screen_saves_nobody(
    merchant: Client, sale: Campaign
) -> None:
    save, page = people(merchant, sale)
    for text in ("[", "7", "[[1]]", "[" * 100_000, '{"a": 1}'):
        body = sent(page, save) | {"take-contacts": "mine", "mine-contacts": text}
        assert merchant.post(save, body).status_code in (302, 409, 422)


@pytest.fixture
def told(sale: Campaign) -> Announcement:
    one = Told(Medium.EMAIL, Anchor.START, -1440, Decimal("0.5"))
    return campaigns.announce(sale.code, one, actor=sale.author, now=NOW)


def test_of_two_edits_of_an_announcement_the_second_sees_the_first(
    merchant: Client, told: Announcement
) -> None:
    code = told.campaign.code
    page = merchant.get(reverse("campaigns:plan", args=[code]))
    change = reverse("campaigns:change_told", args=[code, told.pk])
    row = sent(page, change, medium="email", when="T-24h", share="50")
    first = merchant.post(change, row | {"when": "T-12h"}, headers=HTMX)
    assert first.status_code == 200
    stale = merchant.post(change, row | {"when": "T-6h"}, headers=HTMX)
    assert stale["HX-Retarget"] == "#dialogs"
    assert columns(stale) == [("when", "T-24h", "T-12h", "T-6h")]
    assert stale.context["screen"].differences[0].change.who
    told.refresh_from_db()
    assert told.told.when == "T-12h"
    body = posted(stale, **{"take-when": "mine"})
    assert merchant.post(change, body).status_code == 302
    told.refresh_from_db()
    assert (told.told.when, told.share) == ("T-6h", Decimal("0.5"))


def market(code: str = "DE", **other: Any) -> Market:
    said = {"name": code, "zone": "Europe/Berlin", "currency": "EUR",
            "countries": [code]} | other  # fmt: skip
    terms = MarketTerms(code=code, **said)
    return campaigns.save_market(terms, actor=make.user("approver"), now=NOW)


@pytest.fixture
def approver(client: Client) -> Client:
    client.force_login(make.user("approver", name="ruth"))
    return client


def test_of_two_edits_of_a_market_the_second_sees_the_first(approver: Client) -> None:
    market()
    there = reverse("campaigns:edit_market", args=["DE"])
    page = approver.get(there)
    form = page.context["form"]
    names = ("name", "countries", "zone", "pack", "version")
    body = {name: form[name].value() for name in names}
    body["seen"] = page.context["seen"]
    assert approver.post(there, body | {"name": "Germany"}).status_code == 302
    stale = approver.post(there, body | {"name": "Deutschland", "countries": "DE, AT"})
    assert columns(stale) == [
        ("name", "DE", "Germany", "Deutschland"),
        ("countries", "DE", "DE", "DE, AT"),
    ]
    assert Market.objects.get().name == "Germany"
    assert stale.context["screen"].differences[0].change.who
    choice = {"take-name": "theirs", "take-countries": "mine"}
    assert approver.post(there, posted(stale, **choice)).status_code == 302
    held = Market.objects.get()
    assert versions.market(held)["countries"] == ["AT", "DE"]
    assert held.name == "Germany"


def test_adding_a_market_never_changes_one_that_is_there(approver: Client) -> None:
    market()
    said = {"code": "DE", "name": "Mine", "countries": "AT", "pack": "eu",
            "zone": "Europe/Berlin", "currency": "EUR"}  # fmt: skip
    reply = approver.post(reverse("campaigns:add_market"), said)
    assert reply.status_code == 422
    assert "There is a market DE already" in str(reply.context["form"].errors["code"])
    assert Market.objects.get().name == "DE"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> str:
    market(), market("AT")
    name = make.connection("http_storefront").name
    monkeypatch.setattr("console.capacity.outlets.storefronts", lambda: [name])
    return name


def test_of_two_places_of_a_shop_the_second_sees_the_first(
    approver: Client, shop: str
) -> None:
    there = reverse("campaigns:place_shop", args=[shop])
    page = approver.get(there)
    body = {"channel": "web", "version": page.context["form"]["version"].value()}
    body["seen"] = page.context["seen"]
    assert approver.post(there, body | {"markets": ["AT"]}).status_code == 302
    stale = approver.post(there, body | {"markets": ["DE"]})
    assert columns(stale) == [("markets", "–", "AT", "DE")]
    assert stale.context["screen"].differences[0].change.who
    assert versions.place(shop)["markets"] == ["AT"]
    assert approver.post(there, posted(stale, **{"take-markets": "mine"})).url
    assert versions.place(shop)["markets"] == ["DE"]


def test_a_version_is_the_same_for_the_same_and_whole_as_a_float() -> None:
    one, other = {"a": 1, "b": ["x"]}, {"b": ["x"], "a": 1}
    assert fingerprint(one) == fingerprint(other) != fingerprint({"a": 1, "b": []})
    assert 0 < fingerprint(one) == int(float(fingerprint(one)))


def test_what_is_saved_without_a_version_is_saved(sale: Campaign) -> None:
    campaigns.set_contacts(sale.code, [TOM], actor=sale.author, now=NOW)
    version = fingerprint(versions.people(Campaign.objects.get(pk=sale.pk)))
    with pytest.raises(StaleEdit, match="contacts is now Tom #sale") as refused:
        campaigns.set_contacts(
            sale.code, [MARA], version=version + 1, actor=sale.author, now=NOW
        )
    assert refused.value.detail == {
        "newer": {"contacts": [TOM.spelled()]}, "version": version,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_is_not_stale() -> None:
    one = make.campaign()
    version = fingerprint(versions.people(one))
    editors = [make.user("merchandiser") for _ in range(4)]

    def save(n: int) -> bool:
        contact = Contact(f"Person {n}", "", "1")
        try:
            campaigns.set_contacts(
                one.code, [contact], version=version, actor=editors[n], now=NOW
            )
        except StaleEdit:
            return False
        return True

    assert in_parallel(4, save).count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_one_market_one_does() -> None:
    editors = [make.user("approver") for _ in range(4)]

    def add(n: int) -> bool:
        terms = MarketTerms("DE", f"Market {n}", "Europe/Berlin", "EUR", ("DE",))
        try:
            campaigns.save_market(terms, version=NOT_THERE, actor=editors[n], now=NOW)
        except MarketTaken:
            return False
        return True

    assert in_parallel(4, add).count(True) == 1
    assert Outlet.objects.count() == 0
