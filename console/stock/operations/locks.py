"""Locking stock for a sale, changing the lock, and giving back what was not sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from console.audit.operations import operation, record
from console.errors import Refusal
from console.stock.models import Allocation, Level, Sku, Source
from console.stock.operations.ledger import (
    Why,
    briefly,
    held_back,
    locked_levels,
    post,
    shift_levels,
    shift_sources,
    taken_from,
)
from console.stock.rules import BadQuantity, NotEnoughStock, Want, check_resize, split

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class AlreadyLocked(Refusal):
    """The campaign holds its stock already."""

    code = "already_locked"


@operation()
@briefly()
def lock(
    campaign: str, *, wants: Sequence[Want], actor: User | None, now: datetime
) -> list[Allocation]:
    """Set units aside for a campaign, all or none, from the nearest location on.

    Raises:
        NotEnoughStock: naming every SKU that is short, and by how much.
        BadQuantity: nothing wanted, the same SKU twice, or a buffer above the units.
        AlreadyLocked: the campaign holds its stock already.
    """
    _check_wants(wants)
    _one_at_a_time(campaign)
    forget_sources(campaign, wants)
    allocations = take(campaign, wants, Why(actor, now))
    record(actor, "stock.lock", campaign, now=now, after=_told(allocations))
    return allocations


def take(campaign: str, wants: Sequence[Want], why: Why) -> list[Allocation]:
    """Set units aside for SKUs a campaign holds nothing of; the caller records it.

    Raises:
        NotEnoughStock: naming every SKU that is short, and by how much.
    """
    levels = defaultdict(list)
    for level in locked_levels(want.sku_id for want in wants):
        levels[level.sku_id].append(level)
    shares = {
        want.sku_id: split(want.units, [level.free for level in levels[want.sku_id]])
        for want in wants
    }
    _refuse_short(wants, shares)
    allocations = _allocations(campaign, wants, why.now)
    _take(allocations, shares, levels, why)
    return allocations


def _one_at_a_time(campaign: str) -> None:
    """Let one locker of a campaign through.

    Raises:
        AlreadyLocked: it holds stock, or has sold some.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(5704, hashtext(%s))", [campaign])
    earlier = Allocation.objects.filter(campaign=campaign)
    if earlier.filter(Q(returned_at=None) | Q(taken__gt=0)).exists():
        raise AlreadyLocked(f"{campaign} holds its stock already. Resize it instead.")


def forget_sources(campaign: str, wants: Sequence[Want]) -> None:
    """Clear from where earlier, unsold locks of these SKUs came: they begin anew."""
    skus = [want.sku_id for want in wants]
    earlier = Allocation.objects.filter(campaign=campaign, sku__in=skus)
    Source.objects.filter(allocation__in=earlier).delete()


def _check_wants(wants: Sequence[Want]) -> None:
    if not wants:
        raise BadQuantity("Nothing to lock: the campaign has no lines.", field="wants")
    if len({want.sku_id for want in wants}) < len(wants):
        raise BadQuantity("The same SKU is wanted twice.", field="wants")
    for want in wants:
        check_resize(0, quantity=want.units, buffer=want.buffer)


def _refuse_short(wants: Sequence[Want], shares: dict[int, list[int]]) -> None:
    short = {
        want.sku_id: want.units - sum(shares[want.sku_id])
        for want in wants
        if sum(shares[want.sku_id]) < want.units
    }
    if not short:
        return
    codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
    named = [f"{codes.get(pk, pk)} by {units:,}" for pk, units in short.items()]
    more = f" and {len(named) - 10} more" if len(named) > 10 else ""
    raise NotEnoughStock(
        f"Not enough free stock: {', '.join(named[:10])}{more}.",
        field="units",
        detail={"short": {codes.get(pk, str(pk)): u for pk, u in short.items()}},
    )


def _allocations(
    campaign: str, wants: Sequence[Want], now: datetime
) -> list[Allocation]:
    """New rows, or those of an earlier lock that was given back unsold, begun anew."""
    Allocation.objects.bulk_create(
        [
            Allocation(
                campaign=campaign,
                sku_id=want.sku_id,
                quantity=want.units,
                buffer=want.buffer,
                locked_at=now,
            )
            for want in wants
        ],
        update_conflicts=True,
        unique_fields=["campaign", "sku"],
        update_fields=[
            *("quantity", "buffer", "locked_at", "returned_at"),
            *("state", "backorder", "promise_at"),
        ],
        batch_size=2000,
    )
    return list(
        Allocation.objects.filter(
            campaign=campaign, sku_id__in=[want.sku_id for want in wants]
        )
        .select_related("sku")
        .order_by("pk")
    )


def _take(
    allocations: Sequence[Allocation],
    shares: dict[int, list[int]],
    levels: dict[int, list[Level]],
    why: Why,
) -> None:
    """Move the shares out of the levels into the campaign's pool and buffer."""
    sources, moves, shifts = [], [], []
    for one in allocations:
        for level, units in zip(levels[one.sku_id], shares[one.sku_id], strict=True):
            sources.append((one.pk, level.location_id, units))
            shifts.append((level.pk, units, 0))
            moves.append(taken_from(level, one.pk, units))
        moves.append(held_back(one, one.buffer))
    shift_levels(shifts)
    shift_sources(sources)
    post(moves, why)


def _told(allocations: Sequence[Allocation]) -> dict[str, object]:
    return {
        "skus": len(allocations),
        "units": sum(one.quantity for one in allocations),
        "buffer": sum(one.buffer for one in allocations),
    }
