"""Two edits of one plan: what is ticked in boxes is kept whole, like all else."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import MarketTerms
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
MARKETS = ("AT", "DE", "FR")


def entered(**changes: Any) -> dict[str, Any]:
    """A plan for two of three markets, as it is typed."""
    for code in MARKETS:
        terms = MarketTerms(code, code, "Europe/Berlin", "EUR", (code,))
        campaigns.save_market(terms, actor=make.user("approver"), now=NOW)
    said = {
        "name": "Boots",
        "audience": make.audience().pk,
        "owner": make.user("merchandiser").pk,
        "zone": "Europe/Berlin",
        "start_mode": "instant",
        "currency": "EUR",
        "markets": ["AT", "DE"],
        "expected_orders_peak": "600",
        "hold_ttl_s": "600",
    }
    return said | changes


def posted(reply: HttpResponse, **chosen: str) -> dict[str, list[str]]:
    """What the screen would send, with some choices made on it."""
    form, _, _ = reply.text.partition("There now")[2].partition("</form>")
    data: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if said["type"] == "hidden" or tag.endswith(" checked>"):
            data.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    return data | {name: [value] for name, value in chosen.items()}


def test_markets_nobody_argues_about_are_all_kept(merchant: Client) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    merchant.post(save, said | {"name": "First", "version": "1"})
    stale = merchant.post(save, said | {"name": "Second", "version": "1"})
    assert stale.status_code == 409
    assert merchant.post(save, posted(stale, **{"take-name": "mine"})).url
    kept = Campaign.objects.get()
    assert (kept.name, kept.markets) == ("Second", ["AT", "DE"])


@pytest.mark.parametrize(
    "take,markets", [("mine", ["DE", "FR"]), ("theirs", ["AT", "FR"])]
)
def test_of_two_sets_of_markets_the_chosen_one_is_saved_whole(
    merchant: Client, take: str, markets: list[str]
) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    plan = reverse("campaigns:plan", args=[Campaign.objects.get().code])
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    saw = merchant.get(plan).context["seen"]
    merchant.post(save, said | {"markets": ["AT", "FR"], "version": "1"})
    mine = {"markets": ["DE", "FR"], "version": "1", "seen": saw}
    stale = merchant.post(save, said | mine)
    (found,) = stale.context["screen"].differences
    assert (found.seen, found.newer, found.yours) == ("AT, DE", "AT, FR", "DE, FR")
    merchant.post(save, posted(stale, **{"take-markets": take}))
    assert Campaign.objects.get().markets == markets


def test_no_market_at_all_is_a_choice_too(merchant: Client) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    merchant.post(save, said | {"name": "First", "version": "1"})
    none = said | {"markets": [], "version": "1"}
    stale = merchant.post(save, none)
    merchant.post(save, posted(stale, **{"take-markets": "mine"}))
    assert Campaign.objects.get().markets == []


def test_nonsense_in_what_was_seen_is_as_if_nothing_was(merchant: Client) -> None:
    said = entered()
    merchant.post(reverse("campaigns:create"), said)
    save = reverse("campaigns:save", args=[Campaign.objects.get().code])
    merchant.post(save, said | {"name": "First", "version": "1"})
    deep = {"name": "Second", "version": "1", "seen": "[" * 100_000}
    assert merchant.post(save, said | deep).status_code == 409
