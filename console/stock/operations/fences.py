"""Fences: keeping others from writing a sale's stock, and letting them again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.shell.policy import may
from console.stock.models import Allocation, Fence, Level
from console.stock.operations.ledger import briefly, locked_levels
from console.stock.operations.releasing import NothingLocked
from console.stock.queries import fences
from console.stock.rules.feeds import MovementState
from console.stock.rules.fences import NoFence, fenced

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from console.stock.operations.sizing import LevelSize

NEW_LEVELS = 5718
"""The advisory lock that whoever makes levels shares while they do."""


@operation()
@briefly()
def raise_fence(
    campaign: str, *, actor: User | None, now: datetime, reason: str = ""
) -> Fence:
    """Keep others from writing the stock of a sale's SKUs; one that is up stays.

    Whoever writes a level decides under its lock, which this takes, after waiting for
    whoever makes new levels: once it returned, nobody is at work past the fence. A SKU
    that joins the sale later is fenced as soon as it is locked for it.

    Raises:
        NothingLocked: the sale has no stock.
        OutOfScope: the person is limited to other categories or markets.
        StockBusy: somebody else moves these units.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    held = Allocation.objects.filter(campaign=campaign, returned_at=None)
    ids = list(held.values_list("sku", flat=True))
    if not ids:
        raise NothingLocked(f"{campaign} has no stock that could be fenced.")
    _until_no_level_is_new()
    locked_levels(ids)
    if not held.exists():
        raise NothingLocked(f"{campaign} has given its stock back.")
    fence, made = Fence.objects.get_or_create(
        campaign=campaign,
        dropped_at=None,
        defaults={"raised_at": now, "raised_by": actor},
    )
    if made:
        after = {"skus": len(set(ids))}
        record(actor, "stock.raise_fence", fence, now=now, after=after, reason=reason)
    return fence


def _until_no_level_is_new() -> None:
    """Wait for whoever makes levels, and keep others from it till we end.

    They decide after they took their side of the lock: a level we cannot see yet is of
    somebody whom we wait for here.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, 0)", [NEW_LEVELS])


def until_no_fence_rises() -> None:
    """Wait for a fence that is rising, and let none rise until the transaction ends.

    For whoever is about to make a level: no fence could lock it. Take it before any
    level is locked, as a fence does.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s, 0)", [NEW_LEVELS])


@operation()
@briefly()
def drop_fence(
    campaign: str, *, actor: User | None, now: datetime, reason: str = ""
) -> Fence | None:
    """Let others write again; the bell books what was parked. None if none is up.

    Raises:
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    up = Fence.objects.select_for_update().filter(campaign=campaign, dropped_at=None)
    fence = up.first()
    if fence is None:
        return None
    fence.dropped_at, fence.dropped_by = max(now, fence.raised_at), actor
    fence.save(update_fields=["dropped_at", "dropped_by"])
    parked = fence.feedmovement_set.filter(state=MovementState.PARKED).count()
    after = {"parked": parked}
    record(actor, "stock.drop_fence", fence, now=now, after=after, reason=reason)
    return fence


@operation()
def acknowledge_fence(campaign: str, *, actor: User | None, now: datetime) -> Fence:
    """Note that somebody looked at what differed once the fences of a sale were down.

    It holds for all that are down, the last of which is told of; the first to say so
    is kept.

    Raises:
        NoFence: nothing is left to look at.
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    down = Fence.objects.select_for_update().filter(
        campaign=campaign, dropped_at__isnull=False, acknowledged_at=None
    )
    unseen = list(down.order_by("pk"))
    found = fences.fence_of(campaign)
    if not unseen or found is None or not found.ready:
        raise NoFence("Nothing is left to look at. Reload the page.")
    for fence in unseen:
        fence.acknowledged_at, fence.acknowledged_by = now, actor
    Fence.objects.bulk_update(unseen, ["acknowledged_at", "acknowledged_by"])
    after = {"differing": found.unlooked, "fences": len(unseen)}
    record(actor, "stock.acknowledge_fence", unseen[-1], now=now, after=after)
    return unseen[-1]


def check_fence(level: Level, size: LevelSize, actor: User | None) -> None:
    """Refuse to count a locked level past a fence to who may not stop a sale.

    Buffers are ours: they may change.

    Raises:
        Fenced: a sale of this SKU is fenced.
    """
    if (size.on_hand, size.committed) == (level.on_hand, level.committed):
        return
    if actor is not None and may(actor, "stock.control"):
        return
    up = fences.fenced([level.sku_id]).get(level.sku_id)
    if up is not None:
        raise fenced(level.sku.code, up.campaign)
