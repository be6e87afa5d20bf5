"""What a plan says of its prices, as the law of each market takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign
from console.campaigns.operations.changes import hash_of
from console.campaigns.queries import readiness
from console.campaigns.queries.products import products
from console.prices import evidence
from console.prices.rules import Reason
from console.prices.rules.evidence import check
from tests import make
from tests.campaigns.test_claims import priced, told
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


def test_how_many_products_need_it_is_told() -> None:
    found = told(make.campaign(price_kind="personal", lines=3))
    assert found[0].endswith("(3 products)")


def test_a_public_price_needs_no_disclosure() -> None:
    one = make.campaign()
    assert not any("eu.scope" in text for text in told(one))
    assert not any(found["disclose"] for found in rulings(one))


def test_a_personal_price_need_not_be_below_the_30_day_low() -> None:
    low = (9, "60", Reason.SALE), (8, "100", Reason.REVERT)
    public, personal = make.campaign(), make.campaign(price_kind="personal")
    for one, blocked in ((public, True), (personal, False)):
        priced(one, *low)
        said = told(one, "prices")
        assert any("is not below the 30-day low" in text for text in said) is blocked
        (row,) = products(one, now=NOW).rows
        assert (row.finding is not None) is blocked
        hard = readiness.verdict(one, now=NOW).hard
        assert bool(hard) is blocked


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
