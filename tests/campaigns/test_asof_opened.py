"""What a preview promised before the opening is what the shop shows a second after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns.queries.asof import as_of
from console.prices import queries as prices
from console.prices.rules import Claim
from console.stock.models import SaleGate
from console.stock.queries import counters
from tests.campaigns.amendkit import NOW, OPENS, World, world
from tests.sandboxed import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox", "world"]
pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_the_preview_of_the_first_second_is_what_was_recorded_then(
    world: World,
) -> None:
    """Taken four hours early; prices, claims, stock and gate as they were at T0+1s."""
    told = as_of(world.campaign, OPENS + SECOND, now=NOW)
    assert (told.phase, len(told.lines)) == ("live", 3)
    assert {one.left for one in told.lines} == {None}
    world.work(until=OPENS + SECOND)
    world.campaign.refresh_from_db()
    assert (world.campaign.state, SaleGate.objects.get().state) == ("live", "open")
    assert {one.sku: one.price for one in told.lines} == world.sale()
    codes = [one.sku for one in told.lines]
    recorded = prices.in_force(codes, world.now)
    assert {one.sku: one.price for one in told.lines} == {
        sku: point.amount for sku, point in recorded.items()
    }
    lows = prices.prior(codes, OPENS)
    for one in told.lines:
        low = lows[one.sku].amount if one.sku in lows else None
        assert one.claim and one.claim.badge == Claim(low, one.price, "EUR").badge
    left = {one.sku_code: one.left for one in counters("FS-0001", now=world.now)}
    assert {one.sku: one.planned for one in told.lines} == left
    again = as_of(world.campaign, world.now, now=world.now)
    same = [(one.sku, one.price, one.sale, one.claim) for one in told.lines]
    assert [(one.sku, one.price, one.sale, one.claim) for one in again.lines] == same
