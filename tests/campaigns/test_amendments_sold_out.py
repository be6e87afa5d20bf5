"""Amendments of a sale whose prices turn because a SKU is sold out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.campaigns.models import Campaign
from console.campaigns.operations import Wish
from console.campaigns.rules import AmendmentAtWork
from console.prices.models import Conflict
from console.runbook import operations as runbook
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


def watched(world: World, minutes: int) -> list[dict[str, Decimal | None]]:
    """Work step by step up to then: what was on sale after each."""
    world.now, seen = DURING + timedelta(minutes=minutes), []
    while claims := runbook.claim_due(now=world.now):
        for claim in claims:
            runbook.run(claim, now=world.now)
            seen.append(world.sale())
        world.now += timedelta(seconds=1)
    return seen


def test_an_amended_price_of_what_is_sold_out_is_never_shown_and_all_ends(
    world: World, out: SoldOut
) -> None:
    later(world, 1)
    world.amend(LOWER, Wish("SHELL-M", sale_price=Decimal(65)))
    assert follow(now=world.now) == 0, "the amendment is at work"
    shown = watched(world, 2)
    assert shown[-1]["SHELL-M"] == Decimal(65)
    assert not any("SHELL-S" in sale for sale in shown)
    assert follow(now=world.now) == 0, "it is taken back already"
    back(out)
    assert follow(now=world.now) == 1
    later(world, 4)
    assert world.sale()["SHELL-S"] == Decimal(60)
    ended(world)


def test_units_that_come_back_while_it_is_amended_get_the_amended_price(
    world: World, out: SoldOut
) -> None:
    later(world, 1)
    world.amend(LOWER)
    back(out)
    assert follow(now=world.now) == 0, "the amendment is at work"
    assert not any("SHELL-S" in sale for sale in watched(world, 2))
    assert follow(now=world.now) == 1
    later(world, 3)
    assert world.sale()["SHELL-S"] == Decimal(60)
    ended(world)


def test_a_second_amendment_of_what_is_sold_out_is_not_shown_either(
    world: World, out: SoldOut
) -> None:
    later(world, 1)
    world.amend(LOWER)
    later(world, 2)
    world.amend(Wish("SHELL-S", sale_price=Decimal(55)))
    assert not any("SHELL-S" in sale for sale in watched(world, 3))
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
