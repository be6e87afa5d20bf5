"""Buffer policies: saying what is never promised, and holding it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.providers.models import Connection
from console.stock import queries
from console.stock.models import BufferPolicy, Location, Sku
from console.stock.operations.applying import apply, leave
from console.stock.operations.ledger import Why, briefly
from console.stock.rules import StaleEdit
from console.stock.rules.buffers import BufferScope, check_policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AT_ONCE = 500
"""SKUs a policy holds back of while its editor waits; more are left to the bell."""


class UnknownTarget(Refusal):
    """A SKU, a category or a location that is not here."""

    code = "unknown"
    status = 422


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
        UnknownTarget: nothing here has that name.
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


def _hold(one: BufferPolicy, actor: User | None, now: datetime) -> None:
    """Apply what changed to the SKUs it concerns: now if they are few, else soon."""
    concerned = queries.policy_skus(BufferScope(one.level), one.target)
    ids = list(concerned.values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        apply(ids, Why(actor, now))
        return
    leave(concerned)


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
    """Refuse a SKU, a category, a location or a channel that is not here.

    Raises:
        UnknownTarget: naming it. A channel is the name of a store's connection.
    """
    known = {
        BufferScope.SKU: Sku.objects.filter(code=target),
        BufferScope.CATEGORY: Sku.objects.filter(category=target),
        BufferScope.LOCATION: Location.objects.filter(name=target),
        BufferScope.CHANNEL: Connection.objects.filter(name=target),
    }.get(level)
    word = "SKU" if level is BufferScope.SKU else level.value
    if level is not BufferScope.MASTER and not target.strip():
        told = f"Name the {word} the policy holds back of."
        raise UnknownTarget(told, field="target")
    if known is not None and not known.exists():
        told = f"There is no {word} “{target[:60]}” here."
        raise UnknownTarget(told, field="target")


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
