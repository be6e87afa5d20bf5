"""Letting go of what a sale holds back, by rule: each once, whoever rings the bell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from console import words
from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock import queries
from console.stock.models import Allocation, BufferRule, SaleGate
from console.stock.operations.ledger import (
    Why,
    briefly,
    held_back,
    locked_allocations,
    post,
)
from console.stock.rules import BadQuantity, GateState
from console.stock.rules.waves import AlreadyReleased, ReleaseWhen

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_LOWER = """
UPDATE stock_allocation a SET buffer = a.buffer - w.units, version = a.version + 1
FROM unnest(%s::bigint[], %s::int[]) AS w (id, units) WHERE a.id = w.id
"""


class NothingLocked(Refusal):
    """The sale holds no units that could be held back or let go."""

    code = "nothing_locked"


@dataclass(frozen=True)
class RuleTerms:
    """What lets a buffer go: when, and how many units of each SKU, None for all.

    value: seconds of lag, or percent of the sale's time; nothing by hand.
    allocation_id: of one SKU only; None is every SKU of the sale.
    """

    when: ReleaseWhen
    value: Decimal | None = None
    units: int | None = None
    allocation_id: int | None = None


@operation()
def add_rule(
    campaign: str,
    terms: RuleTerms,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> BufferRule:
    """Say when the buffer of a sale is let go.

    Raises:
        BadQuantity: a number that cannot be.
        NothingLocked: the sale holds nothing.
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    _check(terms)
    locked = Allocation.objects.filter(campaign=campaign, returned_at=None)
    if terms.allocation_id is not None:
        locked = locked.filter(pk=terms.allocation_id)
    if not locked.exists():
        raise NothingLocked(f"{campaign} holds no such units now.", field="allocation")
    made = BufferRule.objects.create(
        campaign=campaign,
        allocation_id=terms.allocation_id,
        when=terms.when,
        value=terms.value,
        units=terms.units,
        author=actor,
        reason=reason,
        at=now,
    )
    after = {"rule": made.pk, "when": terms.when, "value": terms.value}
    after |= {"units": terms.units}
    record(actor, "stock.add_rule", campaign, now=now, after=after, reason=reason)
    return made


def _check(terms: RuleTerms) -> None:
    manual = terms.when is ReleaseWhen.MANUAL
    if terms.units is not None and terms.units < 1:
        raise BadQuantity("Let go at least 1 unit of each SKU.", field="units")
    if manual and terms.value is not None:
        raise BadQuantity("What is let go by hand has no number.", field="value")
    if not manual and (terms.value is None or terms.value <= 0):
        raise BadQuantity("Say from which number on, more than 0.", field="value")
    if terms.when is ReleaseWhen.LAST_PERCENT and (terms.value or 0) > 100:
        raise BadQuantity("Percent must be at most 100.", field="value")


@operation()
def drop_rule(
    rule_id: int, *, actor: User | None, now: datetime, reason: str = ""
) -> None:
    """Let nothing go by this rule.

    Raises:
        AlreadyReleased: it did before.
        OutOfScope: the person is limited to other categories or markets.
    """
    one = _claimed(rule_id)
    check_within(actor, Kind.CAMPAIGN, [one.campaign])
    after = {"rule": one.pk}
    one.delete()
    words_ = {"now": now, "before": after, "reason": reason}
    record(actor, "stock.drop_rule", one.campaign, **words_)  # type: ignore[arg-type]


@operation()
@briefly()
def run_rule(rule_id: int, *, actor: User | None, now: datetime) -> int:
    """Let go by hand what a rule would: how many units.

    Raises:
        AlreadyReleased: it did before.
        OutOfScope: the person is limited to other categories or markets.
    """
    one = _claimed(rule_id)
    check_within(actor, Kind.CAMPAIGN, [one.campaign])
    return _run(one, Why(actor, now, f"buffer rule {one.pk}"))


def _claimed(rule_id: int) -> BufferRule:
    one = BufferRule.objects.select_for_update().get(pk=rule_id)
    if one.done_at is not None:
        raise AlreadyReleased(
            f"This rule let {words.count(one.done_units, 'unit')} go before."
        )
    return one


@operation()
@briefly()
def run_due_rule(*, now: datetime) -> int | None:
    """Let go by one rule whose time has come: units, or None where there is none.

    A rule that another bell has at this moment is left to it.

    Raises:
        StockBusy: somebody moves these units; the next bell tries again.
    """
    due = queries.rules_due(now=now)
    claim = BufferRule.objects.select_for_update(skip_locked=True, of=("self",))
    one = claim.filter(pk__in=due, done_at=None).order_by("pk").first()
    if one is None:
        return None
    return _run(one, Why(None, now, f"buffer rule {one.pk}"))


def _run(one: BufferRule, why: Why) -> int:
    """Let go by a claimed rule, and write down that it did."""
    ours = Allocation.objects.filter(campaign=one.campaign)
    if one.allocation_id is not None:
        ours = ours.filter(pk=one.allocation_id)

    def free(found: Sequence[Allocation]) -> dict[int, int]:
        waiting = queries.wave_units(one.campaign)
        own = {x.pk: x.buffer - waiting.get(x.pk, 0) for x in found}
        return {
            pk: min(n, n if one.units is None else one.units) for pk, n in own.items()
        }

    gone = lower([*ours.values_list("pk", flat=True)], free, why)
    one.done_at, one.done_units = why.now, sum(gone.values())
    one.save(update_fields=["done_at", "done_units"])
    after = {"rule": one.pk, "units": one.done_units, "skus": len(gone)}
    record(
        why.actor,
        "stock.release_buffer",
        one.campaign,
        now=why.now,
        after=after,
        reason=why.reason,
    )
    return one.done_units


def lower(
    ids: Sequence[int],
    units: Callable[[Sequence[Allocation]], Mapping[int, int]],
    why: Why,
) -> Mapping[int, int]:
    """Lower the buffers of these allocations: units that can be sold now, by id.

    units: what to let go of each, asked once they are locked. What was given back is
    left out.
    """
    open_ones = Allocation.objects.filter(pk__in=ids, returned_at=None)
    found = locked_allocations(open_ones)
    wanted = units(found)
    gone = {one.pk: min(wanted.get(one.pk, 0), one.buffer) for one in found}
    gone = {pk: n for pk, n in gone.items() if n > 0}
    with connection.cursor() as cursor:
        cursor.execute(_LOWER, [list(gone), list(gone.values())])
    post((held_back(one, -gone.get(one.pk, 0)) for one in found), why)
    return gone


def sale_gate(campaign: str) -> SaleGate | None:
    """The gate of a sale that takes reservations or is paused, else nothing."""
    gates = SaleGate.objects.filter(campaign=campaign)
    return gates.exclude(state=GateState.CLOSED).first()
