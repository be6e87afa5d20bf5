"""Holding back on shelves what buffer policies say, each change in the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from console.audit.operations import operation
from console.stock import queries
from console.stock.models import Level, Sku
from console.stock.operations.ledger import Move, Why, briefly, locked_levels, post
from console.stock.rules import Account

BATCH = 1000
_TAKE_DUE = """
DELETE FROM stock_bufferdue WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM stock_bufferdue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING sku_id
"""
"""By place, found once: `id IN (SELECT … LIMIT …)` may be looked up again for each row,
and then takes all there are, in a time that grows with their square."""
_SET = """
UPDATE stock_level v SET policy_buffer = w.units
FROM unnest(%s::bigint[], %s::int[]) AS w (id, units) WHERE v.id = w.id
"""


@operation()
@briefly()
def apply_due(*, now: datetime, most: int = BATCH) -> int:
    """Apply the policies of SKUs that wait for it, the oldest first: how many entries.

    0 is all. Any number may apply at once; each takes others.

    Raises:
        StockBusy: somebody moves these units; they go on waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_DUE, [most])
        due = [sku for (sku,) in cursor.fetchall()]
    apply(set(due), Why(None, now))
    return len(due)


def leave(skus: QuerySet[Sku]) -> None:
    """Leave it to the bell to apply the policies of these SKUs, however many."""
    chosen, values = skus.order_by("pk").values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        told = f"INSERT INTO stock_bufferdue (sku_id) {chosen}"
        cursor.execute(told, values)


def apply(sku_ids: Iterable[int], why: Why) -> int:
    """Hold back on each shelf of these SKUs what the policies say: levels that change.

    Each change is an entry between free and held whose reason names the policies. It
    leaves the level's version: what people edit of it stays.
    """
    ids = set(sku_ids)
    if not queries.Policies().any and not _held(ids):
        return 0
    shelves = defaultdict(list)
    for level in locked_levels(ids):
        shelves[level.sku_id].append(level)
    # Only now: who held these locks may have changed a policy.
    policies = queries.Policies()
    names = Sku.objects.filter(pk__in=shelves).values_list("pk", "code", "category")
    named = {pk: (code, category) for pk, code, category in names}
    rows: list[tuple[int, int]] = []
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    for sku_id, levels in shelves.items():
        found = policies.of(*named[sku_id])
        held = queries.on_shelves(levels, found)
        reason = _reason(held.policies)
        for level, units in zip(levels, held.units, strict=True):
            if units != level.policy_buffer:
                rows.append((level.pk, units))
                moves[reason].append(_move(level, units))
    _write(rows, moves, why)
    return len(rows)


def _held(ids: set[int]) -> bool:
    return Level.objects.filter(sku__in=ids, policy_buffer__gt=0).exists()


def _reason(policies: Sequence[int]) -> str:
    """The policies an entry comes from, as the ledger names them."""
    if not policies:
        return "no buffer policy any more"
    word = "buffer policy" if len(policies) == 1 else "buffer policies"
    return f"{word} {', '.join(map(str, policies))}"[:200]


def _move(level: Level, units: int) -> Move:
    return Move(
        level.sku_id,
        Account.FREE,
        Account.HELD,
        units - level.policy_buffer,
        location_id=level.location_id,
    )


def _write(
    rows: Sequence[tuple[int, int]], moves: dict[str, list[Move]], why: Why
) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SET, [list(column) for column in zip(*rows, strict=True)])
    for reason, told in moves.items():
        post(told, replace(why, reason=reason))
