"""Agreeing to, or refusing, a count that was too large for one person."""

from __future__ import annotations

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
from console.stock.operations.sizing import LevelSize

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
        StaleEdit: the level changed since; the newer values are in `detail`.
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
        raise stale(level)
    said = f"{one.reason}, counted by {one.by.get_username()}"
    size = LevelSize(one.on_hand, one.committed, one.buffer)
    check_fence(level, size, actor)
    written = write(level, size, Why(actor, now, said[:200]), said_at=one.at)
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


def _decide(one: PendingCount, approved: bool, why: Why) -> None:
    one.approved, one.decided_by, one.decided_at = approved, why.actor, why.now
    one.save(update_fields=["approved", "decided_by", "decided_at"])
    verb = "stock.approve_count" if approved else "stock.refuse_count"
    after = {"on_hand": one.on_hand, "committed": one.committed, "buffer": one.buffer}
    record(why.actor, verb, one.level, now=why.now, after=after, reason=why.reason)
