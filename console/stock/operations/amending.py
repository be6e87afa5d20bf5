"""Changing what a sale has locked as a whole: more or less of a SKU, new ones, none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from console.audit.operations import operation, record
from console.stock.models import Allocation
from console.stock.operations.backorders import promise
from console.stock.operations.ledger import (
    Why,
    briefly,
    locked_allocations,
    locked_levels,
    reclaim,
)
from console.stock.operations.locks import forget_sources, take
from console.stock.operations.returns import give_back
from console.stock.operations.sizes import Size, resized
from console.stock.rules import NotEnoughStock, Want

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Altered:
    """What changes of a lock.

    wants: SKUs that are new to it. grown: by SKU, units and buffer to add, or to take
    off where negative. dropped: SKUs that are no longer sold.
    """

    wants: Sequence[Want] = ()
    grown: Mapping[int, Size] | None = None
    dropped: Sequence[int] = ()


@operation()
@briefly()
def alter(
    campaign: str, altered: Altered, *, actor: User | None, now: datetime
) -> None:
    """Change a lock in one go, all or none; what was topped up meanwhile stays on top.

    Of a SKU that is dropped, units that buyers hold or bought stay until the sale ends.

    Raises:
        NotEnoughStock: less than is taken, or more than the locations have free.
        GateClosed: the sale has ended. AlreadyReturned: it gave its stock back.
    """
    why = Why(actor, now, "amendment")
    grown = dict(altered.grown or {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(5704, hashtext(%s))", [campaign])
    skus = [*grown, *altered.dropped, *(want.sku_id for want in altered.wants)]
    locked_levels(skus)
    ours = Allocation.objects.filter(campaign=campaign, sku__in=skus)
    held = {one.sku_id: one for one in locked_allocations(ours)}
    for sku_id in sorted(altered.dropped):
        drop(held[sku_id], why)
    for sku_id in sorted(grown):
        _grow(held[sku_id], grown[sku_id], why)
    _add(campaign, altered.wants, held, why)
    after = {"grown": len(grown), "new": len(altered.wants)}
    after |= {"dropped": len(altered.dropped)}
    record(actor, "stock.alter", campaign, now=now, after=after)


def _grow(one: Allocation, by: Size, why: Why) -> None:
    size = Size(one.quantity + by.quantity, one.buffer + by.buffer)
    resized(one.pk, size, one.version, why)


def drop(one: Allocation, why: Why) -> None:
    """Give back what nobody holds of a locked allocation; one never taken from ends.

    One that gave its units back before has none: told twice, it stays as it is.
    """
    if one.returned_at is not None:
        return
    reclaim([one.pk], why.now)
    one = Allocation.objects.select_related("sku").get(pk=one.pk)
    if one.taken:
        there = min(one.taken, one.quantity - one.buffer)
        if one.backorder:
            promise(one, one.taken - there, one.promise_at, why)
        resized(one.pk, Size(there, 0), one.version, why)
    else:
        give_back([one], why)


def _add(
    campaign: str, wants: Sequence[Want], held: Mapping[int, Allocation], why: Why
) -> None:
    """Lock new SKUs; one that was dropped before with units taken grows again."""
    again = [w for w in wants if w.sku_id in held and not held[w.sku_id].returned_at]
    new = [want for want in wants if want not in again]
    for want in again:
        one = Allocation.objects.get(campaign=campaign, sku=want.sku_id)
        _grow(one, Size(want.units, want.buffer), why)
    if not new:
        return
    _check_none_ended(campaign, new)
    forget_sources(campaign, new)
    take(campaign, new, why)


def _check_none_ended(campaign: str, wants: Sequence[Want]) -> None:
    """Refuse to lock again what this sale sold and gave back.

    Raises:
        NotEnoughStock: naming the first.
    """
    ended = Allocation.objects.filter(
        campaign=campaign, sku__in=[want.sku_id for want in wants], taken__gt=0
    )
    code = ended.order_by("sku__code").values_list("sku__code", flat=True).first()
    if code is not None:
        raise NotEnoughStock(
            f"{code} was sold in this sale and returned, so it cannot be added again. "
            "Leave it out.",
            field="sku",
            detail={"sku": code},
        )
