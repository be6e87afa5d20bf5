"""Changing how much a lock holds, while the sale is planned or running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import Allocation, Level, SaleGate, Source
from console.stock.operations.ledger import (
    Why,
    briefly,
    held_back,
    locked_allocations,
    locked_levels,
    post,
    reclaim,
    shift_levels,
    shift_sources,
    taken_from,
)
from console.stock.rules import (
    GateClosed,
    GateState,
    NotEnoughStock,
    StaleEdit,
    check_resize,
    split,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class AlreadyReturned(Refusal):
    """The allocation was given back."""

    code = "already_returned"


@operation()
@briefly()
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
        GateClosed: the sale has ended.
        OutOfScope: the person is limited to other categories or markets.
    """
    allocation, before = resized(
        allocation_id, Size(quantity, buffer), version, Why(actor, now, reason)
    )
    check_within(actor, Kind.CAMPAIGN, [allocation.campaign])
    _record(allocation, before, Why(actor, now, reason))
    return allocation


@operation()
@briefly()
def resize_many(
    seen: Sequence[tuple[int, int]],
    *,
    more: int = 0,
    hold_back: int = 0,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> int:
    """Add units, or buffer, to several allocations: all or none. How many changed.

    seen: each allocation's id, and the version its editor saw.

    Raises:
        StaleEdit: somebody changed one of them since.
        NotEnoughStock, AlreadyReturned, GateClosed: naming the first that cannot.
        OutOfScope: the person is limited to other categories or markets.
    """
    why = Why(actor, now, reason)
    versions = dict(seen)
    asked = Allocation.objects.filter(pk__in=versions)
    locked_levels(asked.values_list("sku_id", flat=True))
    found = locked_allocations(asked)
    check_within(actor, Kind.CAMPAIGN, {one.campaign for one in found})
    changed = []
    for one in found:
        size = Size(one.quantity + more, one.buffer + hold_back)
        changed.append(resized(one.pk, size, versions[one.pk], why))
    for allocation, before in changed:
        _record(allocation, before, why)
    return len(changed)


@dataclass(frozen=True)
class Size:
    """What an allocation locks, and holds back of it."""

    quantity: int
    buffer: int


def resized(
    allocation_id: int, size: Size, version: int, why: Why
) -> tuple[Allocation, dict[str, int]]:
    """The allocation at its new size, and its old one; the caller records it.

    Raises:
        As `resize`.
    """
    sku_id = Allocation.objects.values_list("sku_id", flat=True).get(pk=allocation_id)
    levels = locked_levels([sku_id])
    allocation = editable(allocation_id, version, why.now)
    there = min(allocation.taken, allocation.quantity - allocation.buffer)
    check_resize(there, quantity=size.quantity, buffer=size.buffer)
    before = told(allocation)
    shares = _shares(allocation, levels, size.quantity - allocation.quantity)
    _apply(allocation, levels, shares, size.buffer - allocation.buffer, why)
    _save(allocation, size)
    return allocation, before


def _record(allocation: Allocation, before: dict[str, int], why: Why) -> None:
    record(
        why.actor,
        "stock.resize",
        allocation,
        now=why.now,
        before=before,
        after=told(allocation),
        reason=why.reason,
    )


def editable(allocation_id: int, version: int, now: datetime) -> Allocation:
    """The allocation, locked, with expired holds given back.

    Raises:
        StaleEdit: it is not the version the editor saw.
        AlreadyReturned: it is empty for good.
        GateClosed: the sale has ended.
    """
    locked_allocations(Allocation.objects.filter(pk=allocation_id))
    reclaim([allocation_id], now)
    allocation = Allocation.objects.select_related("sku").get(pk=allocation_id)
    check_open(allocation, version)
    return allocation


def check_open(allocation: Allocation, version: int) -> None:
    """Refuse to change what is over, or is not what its editor saw.

    Raises:
        AlreadyReturned, GateClosed, StaleEdit: as `editable`.
    """
    if allocation.returned_at is not None:
        raise AlreadyReturned(
            "This sale gave its stock back; there is nothing to resize."
        )
    if SaleGate.objects.filter(
        campaign=allocation.campaign, state=GateState.CLOSED
    ).exists():
        raise GateClosed(
            f"The sale {allocation.campaign} has ended; what it did not sell goes "
            "back by itself. Top up a running sale instead.",
            field="campaign",
        )
    if allocation.version != version:
        raise _stale(allocation)


def _stale(allocation: Allocation) -> StaleEdit:
    return StaleEdit(
        f"Somebody changed {allocation.sku.code} while you were editing: "
        f"the allocation is now {allocation.quantity:,}, the buffer "
        f"{allocation.buffer:,}. "
        "Open it again to edit the newer values.",
        detail={**told(allocation), "version": allocation.version},
    )


def told(allocation: Allocation) -> dict[str, int]:
    """What the trail says of its size."""
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


def _save(allocation: Allocation, size: Size) -> None:
    allocation.quantity, allocation.buffer = size.quantity, size.buffer
    allocation.version += 1
    allocation.save(update_fields=["quantity", "buffer", "version"])
    allocation.refresh_from_db(fields=["sellable", "taken"])
