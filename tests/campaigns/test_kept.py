"""The law of a sale, kept when it is armed and opened: evidence of the past stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, KeptLaw, Market
from console.campaigns.operations import Change, Wish
from console.campaigns.queries.asof import as_of
from console.campaigns.queries.kept import kept
from console.prices import evidence
from console.prices import operations as prices
from console.prices.rules.evidence import check
from console.prices.rules.packs import Law
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_law_options import FRESH, claims, selling
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
CHANGED: dict[str, Any] = {"perishable": False, "on_market_since": NOW.date()}


def armed(*options: str, **goods: Any) -> Campaign:
    """An armed sale in one market with these options, of one SKU."""
    market("DE", options=options)
    one = selling(*FRESH, sale="75", **goods)
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "now": NOW}
    return campaigns.approve(one.code, actor=make.user("approver"), **seen)


def opened(one: Campaign) -> Campaign:
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(one.code, actor=None, now=one.opens_at)
    one.refresh_from_db()
    return one


def sealed(one: Campaign) -> str:
    """The bytes of its evidence, which hold."""
    text = evidence.pack(evidence.facts(one.code)).text
    assert check(text.encode()).holds
    return text


@pytest.mark.parametrize("is_open", [False, True])
def test_evidence_is_the_same_after_markets_and_goods_change(is_open: bool) -> None:
    one = armed("perishable", perishable=True)
    one = opened(one) if is_open else one
    before = sealed(one)
    assert claims(one) == [25]
    Market.objects.update(options=["new_arrival"], pack="uk")
    Sku.objects.update(**CHANGED)
    assert claims(one) == [25]
    assert sealed(one) == before


def test_what_changes_between_arming_and_opening_counts_as_it_opens() -> None:
    one = armed("perishable", perishable=True)
    Market.objects.update(options=["perishable", "progressive"])
    assert [held.law for held in kept(one).laws] == [Law("eu", ("perishable",), 2)]
    (held,) = kept(opened(one)).laws
    assert held.law == Law("eu", ("perishable", "progressive"), 2)


def test_only_goods_that_are_not_as_most_are_kept() -> None:
    one = make.armed(lines=3)
    assert KeptLaw.objects.get(campaign=one).goods == {}
    line = one.lines.first()
    assert not kept(one).of(line.sku.code).perishable


def test_goods_an_amendment_adds_are_kept_with_it() -> None:
    one = opened(make.armed())
    sku = make.sku("MILK", perishable=True)
    make.level(sku)
    prices.note(sku.code, Decimal(100), from_at=NOW - timedelta(days=60))
    change = Change([Wish("MILK", sale_price=Decimal(70), units=5)])
    made = campaigns.propose(one.code, change, actor=one.author, now=one.opens_at)
    seen = {"content_hash": made.content_hash, "now": one.opens_at}
    campaigns.approve_amendment(made.pk, actor=make.user("approver"), **seen)
    Sku.objects.update(**CHANGED)
    assert kept(one).of("MILK").perishable


def test_a_plan_that_is_armed_no_more_has_the_law_of_today() -> None:
    one = armed("perishable", perishable=True)
    campaigns.withdraw(one.code, actor=one.author, now=NOW)
    assert not KeptLaw.objects.exists()
    Market.objects.update(options=[])
    assert [held.law for held in kept(one).laws] == [Law("eu", (), 2)]


def test_a_sale_of_before_it_was_kept_has_the_law_of_today() -> None:
    one = opened(armed("perishable", perishable=True))
    before = sealed(one)
    KeptLaw.objects.all().delete()
    assert sealed(one) == before


def claim_of(one: Campaign, client: Client) -> tuple[str, str] | None:
    """Badge and sentence as its page and its program interface show them."""
    there = NOW + timedelta(hours=5)
    (line,) = as_of(one, there, now=there).lines
    page = client.get(reverse("campaigns:as_of", args=[one.code]))
    told = client.get(f"/api/v1/campaigns/{one.code}/as-of").json()
    (said,) = told["lines"]["items"]
    if line.claim is None:
        assert said["claim"] is None
        assert "Not measured" in page.text and "Lowest price" not in page.text
        return None
    assert (said["claim"]["badge"], said["claim"]["lowest"]) == (
        line.claim.badge,
        line.claim.lowest,
    )
    assert line.claim.lowest in page.text
    return line.claim.badge, line.claim.lowest


def test_as_of_an_instant_perishable_goods_are_measured_as_in_the_plan(
    merchant: Client,
) -> None:
    one = opened(armed("perishable", perishable=True))
    shown = ("−25%", "Price before: €100.00")
    assert claim_of(one, merchant) == shown
    Market.objects.update(options=[])
    Sku.objects.update(**CHANGED)
    assert claim_of(one, merchant) == shown


@pytest.mark.parametrize("kind", ["personal", "conditional"])
def test_as_of_an_instant_a_price_outside_of_the_rule_has_no_badge(
    kind: str, merchant: Client
) -> None:
    assert claim_of(opened(make.armed(price_kind=kind)), merchant) is None


def test_as_of_an_instant_a_price_for_members_has_its_badge(merchant: Client) -> None:
    shown = ("−30%", "Lowest price of the last 30 days: €100.00")
    assert claim_of(opened(make.armed(price_kind="members")), merchant) == shown
