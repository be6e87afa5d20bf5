"""Amendments of a sale whose prices turn because a SKU is sold out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.campaigns.models import Campaign
from console.campaigns.operations import Wish
from console.campaigns.rules import AmendmentAtWork
from console.prices.models import Conflict
from console.runbook.models import Step
from console.stock.models import Allocation, SoldOut, SoldOutPolicy
from console.stock.operations.soldout_prices import follow
from tests.campaigns.amendkit import OPENS, World, world
from tests.sandboxed import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox", "world"]
pytestmark = pytest.mark.django_db
DURING = OPENS + timedelta(minutes=10)
AFTER = OPENS + timedelta(hours=3)
LOWER = Wish("SHELL-S", sale_price=Decimal(60))
GONE = Wish("SHELL-S", remove=True)


@pytest.fixture
def out(world: World) -> SoldOut:
    """SHELL-S of the running sale is sold out; a step takes its price back."""
    world.work(until=DURING)
    code = world.campaign.code
    SoldOutPolicy.objects.create(campaign=code, way="revert_price", changed_at=DURING)
    one = Allocation.objects.get(campaign=code, sku__code="SHELL-S")
    found = SoldOut.objects.create(allocation=one, empty_at=DURING, out_at=DURING)
    assert follow(now=world.now) == 1
    return found


def later(world: World, minutes: int) -> None:
    world.work(until=DURING + timedelta(minutes=minutes))


def back(out: SoldOut) -> None:
    SoldOut.objects.filter(pk=out.pk).update(out_at=None, empty_at=None)


def ended(world: World) -> None:
    world.work(until=AFTER)
    assert Campaign.objects.get().state == "closed" and world.sale() == {}
    assert not Conflict.objects.exists()


def test_an_amendment_waits_for_the_turn_of_a_price(world: World, out: SoldOut) -> None:
    with pytest.raises(AmendmentAtWork, match="sold out"):
        world.amend(LOWER)
    later(world, 1)
    assert "SHELL-S" not in world.sale()


def test_an_amended_price_is_taken_back_as_well_and_all_ends(
    world: World, out: SoldOut
) -> None:
    later(world, 1)
    world.amend(LOWER)
    assert follow(now=world.now) == 0, "the amendment is at work"
    later(world, 2)
    assert follow(now=world.now) == 1
    later(world, 3)
    assert "SHELL-S" not in world.sale()
    back(out)
    assert follow(now=world.now) == 1
    later(world, 4)
    assert world.sale()["SHELL-S"] == Decimal(60)
    ended(world)


def test_what_left_the_sale_is_not_set_again(world: World, out: SoldOut) -> None:
    later(world, 1)
    back(out)
    follow(now=world.now)
    later(world, 2)
    assert world.sale()["SHELL-S"] == Decimal(70)
    world.amend(GONE)
    later(world, 3)
    assert "SHELL-S" not in world.sale()
    SoldOut.objects.filter(pk=out.pk).update(out_at=world.now, withdrawn=True)
    assert follow(now=world.now) == 0
    back(out)
    assert follow(now=world.now) == 0
    assert Step.objects.filter(key__contains="/sold-out/").count() == 2
    ended(world)
