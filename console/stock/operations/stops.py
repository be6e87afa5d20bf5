"""Stopping the sale of one SKU, at once, and starting it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import Allocation
from console.stock.operations.ledger import Why, briefly, locked_allocations
from console.stock.rules import SkuState

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
@briefly()
def stop_sku(
    ids: Sequence[int], *, actor: User | None, now: datetime, reason: str = ""
) -> int:
    """Take no new reservations of these allocations; how many changed.

    Once it has returned nobody is granted a unit. Live holds may still be paid, and
    paid orders stay.

    Raises:
        StockBusy: one of them stayed taken; nothing changed.
        OutOfScope: the person is limited to other categories or markets.
    """
    return _become(SkuState.STOPPED, "stock.stop_sku", ids, Why(actor, now, reason))


@operation()
@briefly()
def start_sku(
    ids: Sequence[int], *, actor: User | None, now: datetime, reason: str = ""
) -> int:
    """Take reservations of these allocations again; how many changed.

    Raises:
        As `stop_sku`.
    """
    return _become(SkuState.OPEN, "stock.start_sku", ids, Why(actor, now, reason))


def _become(state: SkuState, verb: str, ids: Sequence[int], why: Why) -> int:
    found = Allocation.objects.filter(pk__in=ids, returned_at=None)
    allocations = locked_allocations(found.select_related("sku"))
    check_within(why.actor, Kind.CAMPAIGN, {one.campaign for one in allocations})
    other = [one for one in allocations if one.state != state]
    changed = Allocation.objects.filter(pk__in=[one.pk for one in other])
    changed.update(state=state, version=F("version") + 1)
    for one in other:
        record(
            why.actor,
            verb,
            one,
            now=why.now,
            before={"state": str(one.state)},
            after={"state": str(state)},
            reason=why.reason,
        )
    return len(other)
