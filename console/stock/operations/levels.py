"""Counting, receiving and writing off: the levels themselves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import Level, PendingCount
from console.stock.operations import second
from console.stock.operations.fences import check_fence, until_no_fence_rises
from console.stock.operations.ledger import Move, Why, briefly, post
from console.stock.operations.sizing import LevelSize, size_of
from console.stock.rules import Account, BadQuantity, NotEnoughStock, Reason, StaleEdit
from console.stock.rules.counting import is_count

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WRITTEN = ["on_hand", "committed", "buffer", "version", "counted_at", "last_count_at"]


@operation()
def receive(
    sku_id: int,
    location_id: int,
    *,
    units: int,
    reason: Reason,
    actor: User | None,
    now: datetime,
) -> Level:
    """Add units to a location, or take them off when negative.

    A level that is new is fenced as well, where a sale sells the SKU from another.

    Raises:
        Fenced: a sale sells it, and the person may not stop one.
        NotEnoughStock: the location would have less than it promised.
    """
    level = _level_at(sku_id, location_id)
    size = LevelSize(level.on_hand + units, level.committed, level.buffer)
    check_fence(level, size, actor)
    return write(level, size, Why(actor, now, reason))


def _level_at(sku_id: int, location_id: int) -> Level:
    """The level, locked; one that is new is made while no fence can rise."""
    if not Level.objects.filter(sku=sku_id, location=location_id).exists():
        until_no_fence_rises()
        Level.objects.get_or_create(sku_id=sku_id, location_id=location_id)
    return locked_level(sku=sku_id, location=location_id)


@operation()
@briefly()
def adjust(
    level_id: int,
    *,
    size: LevelSize,
    version: int,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Level | PendingCount:
    """Set what a level says, as counted.

    version: the one the editor saw. A count too large for one person is kept until
    another approves it; nothing has changed then.

    Raises:
        AlreadyPending: a count of this level waits already.
        OutOfScope: the person is limited to other categories.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
        Fenced: a sale sells it, and the person may not stop one.
        BadQuantity: a negative number.
        NotEnoughStock: fewer units than are promised.
    """
    level = locked_level(pk=level_id)
    check_within(actor, Kind.SKU, [level.sku.code])
    if level.version != version:
        raise stale(level)
    check_fence(level, size, actor)
    why = Why(actor, now, reason)
    if actor is not None and second.needs_second(level, size, level.sku.cost):
        check_size(level.allocated, size)
        second.check_waits_not(level)
        (kept,) = second.put_off([(level, size)], why)
        return kept
    return write(level, size, why)


def locked_level(**which: int) -> Level:
    """The level, locked, with the names of its SKU and its place."""
    named = Level.objects.select_related("sku", "location")
    return named.select_for_update(of=("self",)).get(**which)


def stale(level: Level) -> StaleEdit:
    """What an editor of an older version is told."""
    return StaleEdit(
        stale_text(size_of(level)),
        detail={**asdict(size_of(level)), "version": level.version},
    )


def stale_text(now: LevelSize) -> str:
    """The sentence about an edit that is older than the level."""
    return (
        f"Somebody changed this level while you were editing: on hand is now "
        f"{now.on_hand:,}, committed {now.committed:,}, buffer {now.buffer:,}. "
        "Open it again to edit the newer values."
    )


def check_size(allocated: int, size: LevelSize) -> None:
    """Refuse what a level cannot say.

    Raises:
        BadQuantity: a negative number.
        NotEnoughStock: fewer units than are promised.
    """
    for name, units in asdict(size).items():
        if units < 0:
            raise BadQuantity("Units cannot be negative.", field=name)
    promised = size.committed + allocated
    if size.on_hand < promised:
        raise NotEnoughStock(
            f"{promised:,} units are promised ({size.committed:,} committed, "
            f"{allocated:,} locked for sales): on hand cannot be {size.on_hand:,}.",
            field="on_hand",
            detail={"promised": promised},
        )


def moves(level: Level, size: LevelSize) -> list[Move]:
    """The entries that lead from what a level says to another size."""
    told = [
        (Account.OUTSIDE, Account.FREE, size.on_hand - level.on_hand),
        (Account.FREE, Account.COMMITTED, size.committed - level.committed),
        (Account.FREE, Account.HELD, size.buffer - level.buffer),
    ]
    return [Move(level.sku_id, *x, location_id=level.location_id) for x in told]


def write(
    level: Level, size: LevelSize, why: Why, *, said_at: datetime | None = None
) -> Level:
    """Set what a locked level says, with its entries; told in the trail.

    said_at: when it was counted, where that was earlier than it is written.

    Raises:
        As `check_size`.
    """
    check_size(level.allocated, size)
    before = size_of(level)
    post(moves(level, size), why)
    for name, units in asdict(size).items():
        setattr(level, name, units)
    level.version += 1
    level.counted_at = why.now
    if is_count(why.reason):
        when = said_at or why.now
        level.last_count_at = max(when, level.last_count_at or when)
    level.save(update_fields=WRITTEN)
    record(
        why.actor,
        "stock.adjust",
        level,
        now=why.now,
        before=asdict(before),
        after=asdict(size),
        reason=why.reason,
    )
    return level
