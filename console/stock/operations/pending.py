"""Agreeing to, or refusing, a count that was too large for one person."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import Level, PendingCount
from console.stock.operations.fences import check_fence
from console.stock.operations.ledger import Why, briefly
from console.stock.operations.levels import locked_level, stale, write
from console.stock.operations.rebuilding import OtherEyes
from console.stock.operations.sizing import LevelSize, size_before, size_of
from console.stock.rules import StaleEdit

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class AlreadyDecided(Refusal):
    """Somebody approved or refused it before."""

    code = "already_decided"


@operation()
@briefly()
def approve_count(pending_id: int, *, actor: User, now: datetime) -> Level:
    """Write the count that somebody else proposed.

    Raises:
        PendingCount.DoesNotExist: there is none.
        AlreadyDecided: it was approved or refused before.
        OtherEyes: the same person counted.
        StaleEdit: the level changed since; the newer values are in `detail`, and what
            it said when it was counted, where that is known.
        NotEnoughStock: fewer units than are promised by now.
        Fenced: a sale sells it, and the person may not stop one.
        OutOfScope: the person is limited to other categories.
    """
    one = _open(pending_id)
    if one.by_id == actor.pk:
        raise OtherEyes("You counted this level: somebody else approves it.")
    level = locked_level(pk=one.level_id)
    check_within(actor, Kind.SKU, [level.sku.code])
    if level.version != one.version:
        raise _moved(one, level)
    size = LevelSize(one.on_hand, one.committed, one.buffer)
    check_fence(level, size, actor)
    written = write(level, size, Why(actor, now, _reason(one)), said_at=one.at)
    _decide(one, True, Why(actor, now, one.reason))
    return written


@operation()
def refuse_count(pending_id: int, *, actor: User, now: datetime) -> None:
    """Drop a count that waits; whoever counted may take theirs back.

    Raises:
        PendingCount.DoesNotExist: there is none.
        AlreadyDecided: it was approved or refused before.
        OutOfScope: the person is limited to other categories.
    """
    one = _open(pending_id)
    check_within(actor, Kind.SKU, [one.level.sku.code])
    _decide(one, False, Why(actor, now, one.reason))


def _open(pending_id: int) -> PendingCount:
    named = PendingCount.objects.select_related("level__sku", "level__location", "by")
    one = named.select_for_update(of=("self",)).get(pk=pending_id)
    if one.approved is not None:
        word = "approved" if one.approved else "refused"
        raise AlreadyDecided(f"This count was {word} before.")
    return one


def _reason(one: PendingCount) -> str:
    """What the ledger says of it: who counted, and what the level said then."""
    tail = f", counted by {one.by.get_username()}"
    if one.was_on_hand is not None:
        tail += f" when it said {one.was_on_hand:,}"
    return one.reason[: 200 - len(tail)] + tail


def _moved(one: PendingCount, level: Level) -> StaleEdit:
    """What who decides is told of a level that changed since it was counted."""
    was, newer = size_before(one), size_of(level)
    if was is None:
        return stale(level)
    told = [
        f"{name.replace('_', ' ')} was {units:,} and is now {asdict(newer)[name]:,}"
        for name, units in asdict(was).items()
        if units != asdict(newer)[name]
    ]
    changed = ", ".join(told) or "what is promised of it is not the same any more"
    return StaleEdit(
        f"The level changed since it was counted: {changed}. Refuse this count and "
        "have it counted again.",
        detail={**asdict(newer), "version": level.version, "before": asdict(was)},
    )


def _decide(one: PendingCount, approved: bool, why: Why) -> None:
    one.approved, one.decided_by, one.decided_at = approved, why.actor, why.now
    one.save(update_fields=["approved", "decided_by", "decided_at"])
    verb = "stock.approve_count" if approved else "stock.refuse_count"
    was, counted = size_before(one), LevelSize(one.on_hand, one.committed, one.buffer)
    record(
        why.actor,
        verb,
        one.level,
        now=why.now,
        before=asdict(was) if was else None,
        after=asdict(counted),
        reason=why.reason,
    )
