"""What a plan says of unpaid carts at its end reaches the gate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import hash_of
from console.stock.models import SaleGate
from tests import make

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def opened(**terms: str) -> Campaign:
    campaign = make.armed(**terms)
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(campaign.code, actor=None, now=campaign.opens_at)
    campaign.refresh_from_db()
    return campaign


@pytest.mark.parametrize("policy,limited", [("honour", False), ("reprice", True)])
def test_holds_end_with_the_sale_only_where_the_plan_says_so(
    policy: str, limited: bool
) -> None:
    campaign = opened(carts_at_end=policy)
    until = SaleGate.objects.get().holds_until
    assert until == (campaign.closes_at if limited else None)


@pytest.mark.parametrize("by", [HOUR, -HOUR / 2])
def test_moving_the_end_moves_the_end_of_holds(by: timedelta) -> None:
    campaign = opened(carts_at_end="reprice")
    moved = campaigns.extend(
        campaign.code,
        closes_local=campaign.closes_local + by,
        actor=make.user("operator"),
        now=campaign.opens_at,
        countdown=True,
    )
    assert SaleGate.objects.get().holds_until == moved.closes_at
    assert moved.closes_at == campaign.closes_at + by


def test_a_plan_that_honours_carts_keeps_the_hash_of_before_the_choice() -> None:
    campaign = make.campaign()
    honoured = hash_of(campaign)
    campaign.carts_at_end = "reprice"
    assert hash_of(campaign) != honoured
