"""What a plan says of its prices, as the law of each market takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import hash_of
from console.campaigns.queries import readiness
from console.campaigns.queries.products import products
from console.campaigns.rules import NotAllowedYet, State
from console.prices import evidence
from console.prices.rules import Reason
from console.prices.rules.evidence import check
from console.prices.rules.packs import pack
from tests import make
from tests.campaigns.test_claims import priced, told
from tests.campaigns.test_markets import market
from tests.campaigns.test_views import entered
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)
OUTSIDE = {
    "personal": "A personal price is not measured by the 30-day low. Tell shoppers "
    "that the price is personal where it is set for them.",
    "conditional": "An offer bound to a condition is not measured by the 30-day low. "
    "Tell shoppers the condition beside the price.",
}


def rulings(one: Campaign, part: str = "") -> list[Mapping[str, Any]]:
    """What the evidence of a sale says of a line; its file is checked on the way."""
    sealed = evidence.pack(evidence.facts(one.code))
    assert not check(sealed.text.encode()).void
    name = part or f"line {one.lines.first().sku.code}"
    return [
        ruling
        for judged in sealed.parts[name]["judgements"]
        for ruling in judged["rulings"]
    ]


@pytest.mark.parametrize("kind", ["personal", "conditional"])
def test_a_personal_price_is_outside_of_6a_and_has_to_be_disclosed(kind: str) -> None:
    one = make.campaign(price_kind=kind)
    assert told(one) == [f"warn European Union, eu.scope: {OUTSIDE[kind]}"]
    (found,) = rulings(one)
    assert (found["rule"], found["outcome"]) == ("eu.scope", "exempt")
    assert (found["said"], found["disclose"]) == (OUTSIDE[kind], True)


MEMBERS = (
    "A price for members, or with a code anybody can get, is measured by the 30-day "
    "low as one for everybody. Tell shoppers beside it whom it is for."
)


@pytest.mark.parametrize("law", ["eu", "eu-fi"])
def test_a_price_for_members_is_measured_and_has_to_be_disclosed(law: str) -> None:
    market("XX", "FI", pack=law)
    one = make.campaign(price_kind="members")
    (scope,) = about(one, f"{law}.scope")
    assert (scope.tone, scope.text.split(": ")[1]) == ("warn", MEMBERS)
    assert "loyalty programme" in scope.cites
    (may,) = about(one, "Reductions that may be announced")
    assert (may.tone, may.value) == ("ok", "1")
    found = {ruling["rule"]: ruling for ruling in rulings(one)}
    assert found[f"{law}.prior_price"]["outcome"] == "pass"
    assert found[f"{law}.scope"]["outcome"] == "pass"
    assert found[f"{law}.scope"]["disclose"]


def test_how_many_products_need_it_is_told() -> None:
    found = told(make.campaign(price_kind="personal", lines=3))
    assert found[0].endswith("(3 products)")


def test_a_public_price_needs_no_disclosure() -> None:
    one = make.campaign()
    assert not any("eu.scope" in text for text in told(one))
    assert not any(found["disclose"] for found in rulings(one))


def test_only_a_price_not_open_to_all_need_not_be_below_the_30_day_low() -> None:
    low = (9, "60", Reason.SALE), (8, "100", Reason.REVERT)
    expected = {"public": 1, "members": 1, "personal": 0, "conditional": 0}
    for kind, blocked in expected.items():
        one = make.campaign(price_kind=kind)
        priced(one, *low)
        said = told(one, "prices")
        assert any("is not below the 30-day low" in text for text in said) == blocked
        (row,) = products(one, now=NOW).rows
        assert (row.finding is not None) == blocked
        hard = readiness.verdict(one, now=NOW).hard
        assert bool(hard) == blocked


def test_the_database_refuses_a_kind_of_price_there_is_not() -> None:
    one = make.campaign()
    there = Campaign.objects.filter(pk=one.pk)
    refused = pytest.raises(IntegrityError, match="price_kind_is_known")
    with refused, transaction.atomic():
        there.update(price_kind="secret")


def test_a_plan_that_says_nothing_of_it_keeps_its_hash() -> None:
    one = make.campaign()
    kept = hash_of(one)
    one.price_kind = "personal"
    assert hash_of(one) != kept


def test_the_form_says_whom_the_price_is_for(merchant: Client) -> None:
    merchant.post(reverse("campaigns:create"), entered(price_kind="personal"))
    one = Campaign.objects.get()
    assert one.price_kind == "personal"
    page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert '<option value="personal" selected>' in page


def test_the_verdict_is_asked_while_it_is_chosen(merchant: Client) -> None:
    one = make.campaign()
    said = entered(price_kind="personal", audience=one.audience_id)
    there = reverse("campaigns:verdict", args=[one.code])
    assert "eu.scope" in merchant.post(there, said).text
    assert "eu.scope" not in merchant.post(there, said | {"price_kind": ""}).text


def of_items(at_half: int, **terms: Any) -> Campaign:
    """25 products: some at 50% off, the others at 30%."""
    one = make.campaign(lines=25, **terms)
    some = one.lines.order_by("pk").values_list("pk", flat=True)[:at_half]
    one.lines.filter(pk__in=list(some)).update(sale_price=50)
    return one


def about(one: Campaign, words: str) -> list[readiness.Check]:
    """The checks of the claims section that say this."""
    sections = readiness.verdict(one, now=NOW).sections
    found = next(section for section in sections if section.key == "claims")
    return [check for check in found.checks if words in check.text]


def test_up_to_fails_with_the_list_where_4_percent_of_the_items_reach_it() -> None:
    market("UK", "GB", pack="uk")
    one = of_items(1, up_to_percent=50)
    sku = one.lines.get(sale_price=50).sku.code
    (found,) = about(one, "Up to 50%")
    assert found.text == (
        f"United Kingdom, uk.up_to: “Up to 50%”: 1 of 25 items reach 50% ({sku}); at "
        'least 10% must. Say "up to 30%".'
    )
    assert (found.tone, found.value, found.limit) == ("bad", "1", "25")
    assert found.cites == pack("uk").rule("up_to").text
    with pytest.raises(NotAllowedYet, match="1 of 25 items reach 50%"):
        campaigns.submit(one.code, actor=one.author, now=NOW)


def test_up_to_holds_where_enough_items_reach_it() -> None:
    market("UK", "GB", pack="uk")
    (found,) = about(of_items(3, up_to_percent=50), "Up to 50%")
    assert (found.tone, found.value) == ("ok", "3")
    assert "3 of 25 items reach 50%." in found.text


def test_each_law_has_its_own_share_or_our_default_is_said() -> None:
    market("UK", "GB", pack="uk")
    market("DE")
    british, german = (
        next(one for one in about(of_items(1, up_to_percent=50), law))
        for law in ("uk.up_to", "European Union: “Up")
    )
    assert german.tone == british.tone == "bad"
    assert german.cites == "No rule of it names a share; 10% is our default."


def test_an_approver_may_pass_over_advice_on_up_to() -> None:
    market("UK", "GB", pack="uk")
    one = of_items(1, up_to_percent=50)
    sent = campaigns.submit(
        one.code, actor=one.author, now=NOW, override="The lawyer agrees"
    )
    assert sent.state == State.IN_REVIEW


def test_without_the_claim_the_highest_that_holds_is_suggested() -> None:
    one = of_items(1)
    text = "“Up to 30%” may be said, not 50%: too few products reach that"
    assert [found.text for found in about(one, "Up to")] == [text]
    assert not about(of_items(1, up_to_percent=20), "may be said, not")


def test_the_evidence_says_how_many_reach_it() -> None:
    market("UK", "GB", pack="uk")
    one = of_items(1, up_to_percent=50)
    found = {ruling["rule"]: ruling for ruling in rulings(one)}["uk.up_to"]
    assert found["evidence"] == {"reach": 1, "of": 25, "enough": False}
    assert evidence.facts(one.code).up_to == 50


@pytest.mark.parametrize("percent", [0, 100])
def test_the_database_refuses_what_is_no_percentage(percent: int) -> None:
    there = Campaign.objects.filter(pk=make.campaign().pk)
    refused = pytest.raises(IntegrityError, match="up_to_is_a_percentage")
    with refused, transaction.atomic():
        there.update(up_to_percent=percent)


@pytest.mark.parametrize("typed", ["0", "100", "2.5"])
def test_the_form_takes_whole_percentages_only(merchant: Client, typed: str) -> None:
    page = merchant.post(reverse("campaigns:create"), entered(up_to_percent=typed))
    assert "up_to_percent" in page.context["form"].errors


def test_the_page_cites_the_rule_that_is_broken(merchant: Client) -> None:
    market("UK", "GB", pack="uk")
    one = of_items(1, up_to_percent=50)
    page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert "A significant proportion of the range" in page
    assert 'value="50"' in page
