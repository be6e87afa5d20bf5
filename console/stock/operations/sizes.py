"""Changing how much a lock holds, while the sale is planned or running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from console.audit.operations import record
from console.errors import Refusal
from console.stock.models import Allocation, Level, Source
from console.stock.operations.ledger import (
    Why,
    held_back,
    locked_levels,
    post,
    shift_levels,
    shift_sources,
    taken_from,
)
from console.stock.rules import NotEnoughStock, StaleEdit, check_resize, split

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class AlreadyReturned(Refusal):
    """The allocation was given back."""

    code = "already_returned"


@transaction.atomic
def resize(
    allocation_id: int,
    *,
    quantity: int,
    buffer: int,
    version: int,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Allocation:
    """Change how much an allocation locks and holds back.

    version: the one the editor saw.

    Raises:
        StaleEdit: somebody changed it since; the newer values are in `detail`.
        NotEnoughStock: less than is taken, or more than the locations have free.
        AlreadyReturned: the sale gave its stock back.
    """
    sku_id = Allocation.objects.values_list("sku_id", flat=True).get(pk=allocation_id)
    levels = locked_levels([sku_id])
    allocation = _locked(allocation_id, version, now)
    check_resize(allocation.taken, quantity=quantity, buffer=buffer)
    before = _told(allocation)
    grown, held = quantity - allocation.quantity, buffer - allocation.buffer
    shares = _shares(allocation, levels, grown)
    _apply(allocation, levels, shares, held, Why(actor, now, reason))
    _save(allocation, quantity, buffer)
    after = _told(allocation)
    record(
        actor,
        "stock.resize",
        allocation,
        now=now,
        before=before,
        after=after,
        reason=reason,
    )
    return allocation


def _locked(allocation_id: int, version: int, now: datetime) -> Allocation:
    """The allocation, locked, with expired holds given back.

    Raises:
        StaleEdit: it is not the version the editor saw.
        AlreadyReturned: it is empty for good.
    """
    Allocation.objects.select_for_update().get(pk=allocation_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stock_reclaim(%s::bigint[], %s)", [[allocation_id], now])
    allocation = Allocation.objects.select_related("sku").get(pk=allocation_id)
    if allocation.returned_at is not None:
        raise AlreadyReturned(
            "This sale gave its stock back; there is nothing to resize."
        )
    if allocation.version != version:
        raise _stale(allocation)
    return allocation


def _stale(allocation: Allocation) -> StaleEdit:
    return StaleEdit(
        f"Somebody changed {allocation.sku.code} while you were editing: "
        f"the allocation is now {allocation.quantity:,}, the buffer "
        f"{allocation.buffer:,}. "
        "Open it again to edit the newer values.",
        detail={**_told(allocation), "version": allocation.version},
    )


def _told(allocation: Allocation) -> dict[str, int]:
    return {"quantity": allocation.quantity, "buffer": allocation.buffer}


def _shares(allocation: Allocation, levels: Sequence[Level], grown: int) -> list[int]:
    """Units to take from each level, negative to give back to it.

    Raises:
        NotEnoughStock: the levels do not have so much free.
    """
    if grown >= 0:
        shares = split(grown, [level.free for level in levels])
        if sum(shares) < grown:
            raise NotEnoughStock(
                f"{sum(shares):,} units of {allocation.sku.code} are free, "
                f"{grown:,} are wanted.",
                field="quantity",
                detail={"free": sum(shares)},
            )
        return shares
    held = dict(
        Source.objects.filter(allocation=allocation).values_list("location", "units")
    )
    back = split(-grown, [held.get(x.location_id, 0) for x in reversed(levels)])
    return [-units for units in reversed(back)]


def _apply(
    allocation: Allocation,
    levels: Sequence[Level],
    shares: Sequence[int],
    held: int,
    why: Why,
) -> None:
    pairs = [(x, u) for x, u in zip(levels, shares, strict=True) if u]
    shift_levels([(level.pk, units, 0) for level, units in pairs])
    shift_sources([(allocation.pk, x.location_id, u) for x, u in pairs])
    moves = [taken_from(level, allocation.pk, units) for level, units in pairs]
    post([*moves, held_back(allocation, held)], why)


def _save(allocation: Allocation, quantity: int, buffer: int) -> None:
    allocation.quantity, allocation.buffer = quantity, buffer
    allocation.version += 1
    allocation.save(update_fields=["quantity", "buffer", "version"])
    allocation.refresh_from_db(fields=["sellable", "taken"])
