"""Unlocking: what nobody holds of a lock goes back before its sale gives back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import Allocation
from console.stock.operations.amending import drop
from console.stock.operations.ledger import (
    Why,
    briefly,
    locked_allocations,
    locked_levels,
    reclaim,
)
from console.stock.operations.sizes import check_open, told

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class SeveralSales(Refusal):
    """SKUs of several sales, of which only one was confirmed."""

    code = "several_sales"


@operation()
@briefly()
def unlock(
    seen: Sequence[tuple[int, int]],
    *,
    reason: str,
    actor: User | None,
    now: datetime,
) -> int:
    """Give back what nobody holds of several locks, all or none; units given back.

    Units in checkouts, and those that were bought, stay until the sale gives back. Of a
    SKU nobody took any of, the lock ends.

    seen: each allocation's id, and the version its editor saw; all of one campaign,
        whose code a person typed.

    Raises:
        StaleEdit: somebody changed one of them since.
        AlreadyReturned, GateClosed: naming the first that cannot.
        OutOfScope: the person is limited to other categories or markets.
        SeveralSales: they are not all of one campaign.
    """
    why, versions = Why(actor, now, reason), dict(seen)
    asked = Allocation.objects.filter(pk__in=versions)
    locked_levels(asked.values_list("sku_id", flat=True))
    found = locked_allocations(asked)
    campaigns = {one.campaign for one in found}
    check_within(actor, Kind.CAMPAIGN, campaigns)
    if len(campaigns) > 1:
        raise SeveralSales("Unlock the SKUs of one sale at a time.", field="pk")
    reclaim([one.pk for one in found], now)
    fresh = asked.select_related("sku").order_by("pk")
    return sum(_unlocked(one, versions[one.pk], why) for one in fresh)


def _unlocked(one: Allocation, version: int, why: Why) -> int:
    check_open(one, version)
    kept = min(one.taken, one.quantity - one.buffer)
    before, back = told(one), one.quantity - kept
    drop(one, why)
    after = {"quantity": kept, "buffer": 0, "back": back}
    record(
        why.actor,
        "stock.unlock",
        one,
        now=why.now,
        before=before,
        after=after,
        reason=why.reason,
    )
    return back
