"""Buffer policies: saying what is never promised, and holding it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock import queries
from console.stock.models import BufferDue, BufferPolicy, Level, Location, Sku
from console.stock.operations.counts import UnknownThing
from console.stock.operations.ledger import Move, Why, briefly, locked_levels, post
from console.stock.rules import Account, StaleEdit
from console.stock.rules.buffers import BufferScope, check_policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AT_ONCE = 500
"""SKUs a policy holds back of while its editor waits; more are left to the bell."""
BATCH = 1000
_TAKE_DUE = """
DELETE FROM stock_bufferdue WHERE id IN (
    SELECT id FROM stock_bufferdue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING sku_id
"""
_SET = """
UPDATE stock_level v SET policy_buffer = w.units
FROM unnest(%s::bigint[], %s::int[]) AS w (id, units) WHERE v.id = w.id
"""


@dataclass(frozen=True)
class PolicyTerms:
    """What a policy says: units or percent, and the last units nobody may have."""

    units: int | None = None
    percent: Decimal | None = None
    low_at: int = 0


@operation()
@briefly()
def add_policy(
    level: BufferScope,
    target: str,
    terms: PolicyTerms,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> BufferPolicy:
    """Hold units back of a SKU, a category, a location, a channel or everything.

    Where many SKUs are concerned the bell holds back of them, in parts.

    Raises:
        BadQuantity: neither or both of units and percent, or a number that cannot be.
        UnknownThing: nothing here has that name.
        StaleEdit: there is such a policy already.
        OutOfScope: the person is limited to other categories.
    """
    check_policy(**asdict(terms))
    target = "" if level is BufferScope.MASTER else target
    _check_target(level, target)
    _check_within(actor, level, target)
    made = BufferPolicy(level=level, target=target, author=actor, reason=reason, at=now)
    _set(made, terms)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        told = f"There is a policy of {made} already. Open it to change it."
        raise StaleEdit(told, field="target") from None
    _record("stock.add_policy", made, None, Why(actor, now, reason))
    _hold(made, actor, now)
    return made


@operation()
@briefly()
def change_policy(
    policy_id: int,
    terms: PolicyTerms,
    *,
    version: int,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> BufferPolicy:
    """Hold back another amount.

    version: the one the editor saw.

    Raises:
        BadQuantity: neither or both of units and percent, or a number that cannot be.
        StaleEdit: somebody changed or removed it since; `detail` has the newer values.
        OutOfScope: the person is limited to other categories.
    """
    check_policy(**asdict(terms))
    one = _locked(policy_id, version, actor)
    before = _told(one)
    _set(one, terms)
    one.version += 1
    one.author, one.reason, one.at = actor, reason, now
    one.save()
    _record("stock.change_policy", one, before, Why(actor, now, reason))
    _hold(one, actor, now)
    return one


@operation()
@briefly()
def remove_policy(
    policy_id: int,
    *,
    version: int,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> BufferPolicy:
    """Hold nothing back by this policy any more.

    Raises:
        StaleEdit: somebody changed or removed it since; `detail` has the newer values.
        OutOfScope: the person is limited to other categories.
    """
    one = _locked(policy_id, version, actor)
    one.removed_at, one.version = now, one.version + 1
    one.save()
    why = Why(actor, now, reason)
    record(actor, "stock.remove_policy", one, now=now, before=_told(one), reason=reason)
    _hold(one, why.actor, now)
    return one


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


def apply(sku_ids: Iterable[int], why: Why) -> int:
    """Hold back on each shelf of these SKUs what the policies say: levels that change.

    Each change is an entry between free and held whose reason names the policies. It
    leaves the level's version: what people edit of it stays.
    """
    ids = set(sku_ids)
    policies = queries.Policies()
    if not policies.any and not _held(ids):
        return 0
    shelves = defaultdict(list)
    for level in locked_levels(ids):
        shelves[level.sku_id].append(level)
    named = dict(Sku.objects.filter(pk__in=shelves).values_list("pk", "code"))
    kinds = dict(Sku.objects.filter(pk__in=shelves).values_list("pk", "category"))
    rows: list[tuple[int, int]] = []
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    for sku_id, levels in shelves.items():
        found = policies.of(named[sku_id], kinds[sku_id])
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


def _hold(one: BufferPolicy, actor: User | None, now: datetime) -> None:
    """Apply what changed to the SKUs it concerns: now if they are few, else soon."""
    concerned = queries.policy_skus(BufferScope(one.level), one.target)
    ids = list(concerned.values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        apply(ids, Why(actor, now))
        return
    due = (BufferDue(sku_id=pk) for pk in concerned.values_list("pk", flat=True))
    BufferDue.objects.bulk_create(due, batch_size=5000)


def _locked(policy_id: int, version: int, actor: User | None) -> BufferPolicy:
    """The policy, locked.

    Raises:
        StaleEdit: it is not the version the editor saw.
    """
    one = BufferPolicy.objects.select_for_update().get(pk=policy_id)
    _check_within(actor, BufferScope(one.level), one.target)
    if one.removed_at is not None:
        raise StaleEdit(f"Somebody removed the policy of {one} meanwhile.")
    if one.version != version:
        raise StaleEdit(
            f"Somebody changed the policy of {one} while you were editing: it now "
            f"holds back {queries.policy_amount(one)}. Open it again to edit that.",
            detail={**_told(one), "version": one.version},
        )
    return one


def _set(one: BufferPolicy, terms: PolicyTerms) -> None:
    one.units, one.percent, one.low_at = terms.units, terms.percent, terms.low_at


def _told(one: BufferPolicy) -> dict[str, object]:
    return {"units": one.units, "percent": one.percent, "low_at": one.low_at}


def _record(
    verb: str, one: BufferPolicy, before: dict[str, object] | None, why: Why
) -> None:
    words = {"before": before, "after": _told(one), "reason": why.reason}
    record(why.actor, verb, one, now=why.now, **words)  # type: ignore[arg-type]


def _check_target(level: BufferScope, target: str) -> None:
    """Refuse a SKU, a category or a location that is not here.

    Raises:
        UnknownThing: naming it. A channel is whatever a store connection is called.
    """
    known = {
        BufferScope.SKU: Sku.objects.filter(code=target),
        BufferScope.CATEGORY: Sku.objects.filter(category=target),
        BufferScope.LOCATION: Location.objects.filter(name=target),
    }.get(level)
    if level is not BufferScope.MASTER and not target.strip():
        told = f"Name the {level.label} the policy holds back of."
        raise UnknownThing(told, field="target")
    if known is not None and not known.exists():
        told = f"There is no {level.label} “{target[:60]}” here."
        raise UnknownThing(told, field="target")


def _check_within(actor: User | None, level: BufferScope, target: str) -> None:
    """Refuse somebody limited to other categories than the policy holds back of.

    Raises:
        OutOfScope: what concerns every category is for those without a limit.
    """
    if level is BufferScope.SKU:
        check_within(actor, Kind.SKU, [target])
        return
    skus = Sku.objects.order_by("category", "code").distinct("category")
    if level is BufferScope.CATEGORY:
        skus = skus.filter(category=target)
    check_within(actor, Kind.SKU, skus.values_list("code", flat=True))
