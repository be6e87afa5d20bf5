"""Prices not everybody may have, in a history of their own."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from console.prices import queries
from console.prices.rules import Reason
from console.runbook.rules import State
from tests.prices.test_steps import (
    ALL,
    _amounts,
    _apply,
    _exact,
    _revert,
    _shown,
    shop,
)
from tests.sandboxed import SKUS, Sandbox

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("offer", "low"),
    [({}, _exact(ALL)), ({"offer": "personal"}, dict.fromkeys(SKUS, Decimal(100)))],
    ids=["everybody", "personal"],
)
def test_only_a_price_for_everybody_becomes_the_prior_price(
    offer: dict[str, str], low: dict[str, Decimal]
) -> None:
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": ALL, **offer}
    step = _revert(_apply(wanted=wanted))
    assert step.state == State.REVERTED, step.error
    found = queries.prior(SKUS, timezone.now())
    assert {sku: one.amount for sku, one in found.items()} == low
    shelf = "web:personal" if offer else "web"
    told = [row.reason for row in queries.history(SKUS[0], channel=shelf)]
    assert told[-2:] == [Reason.SALE, Reason.REVERT]


def test_the_longest_channel_has_room_for_a_conditional_price() -> None:
    channel = "marketplace-of-north"
    assert len(channel) == 20
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": ALL}
    said = {"channel": channel, "offer": "conditional"}
    step = _revert(_apply(wanted=wanted | said))
    assert step.state == State.REVERTED, step.error
    rows = queries.history(SKUS[0], channel=f"{channel}:conditional")
    assert [row.reason for row in rows] == [Reason.SALE, Reason.REVERT]


def test_what_another_sale_sells_to_one_shopper_is_no_price_for_everybody(
    shop: Sandbox,
) -> None:
    public = _apply()
    wanted = {"connection": "shop", "campaign": "OTHER", "prices": {SKUS[0]: "10.00"}}
    _apply(wanted=wanted | {"offer": "personal"})
    step = _revert(public)
    assert step.state == State.REVERTED, step.error
    assert _shown(shop)[SKUS[0]] == Decimal(10)
    assert _amounts()[SKUS[0]] == Decimal(100)
    assert _amounts(channel="web:personal") == {SKUS[0]: Decimal(10)}
