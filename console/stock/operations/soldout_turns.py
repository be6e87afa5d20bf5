"""What to do about the price of a sold-out SKU in one shop, read from the steps there.

The steps that set and withdraw its price, in their order, are all that is known: those
of the sale, of amendments, and the turns that follow what is sold out. Nothing is
turned beside a step that is not settled, nor what an amendment took out of the sale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.expressions import RawSQL

from console.runbook.models import Step
from console.runbook.rules import OPEN, State
from console.stock.models import SaleGate
from console.stock.operations.gates import GATE_LOCK
from console.stock.rules import GateState

APPLY, WITHDRAW = "prices.apply", "prices.withdraw"
TURNS = "/sold-out/"
"""What the keys of turns have in them, and no other."""
TURN_LOCK = 5719
"""The advisory lock, by gate, of who plans steps for prices of a sale that runs."""
TRY_FOR = timedelta(minutes=15)
AGAIN_AFTER = timedelta(minutes=1)
NAMED = "array(select u from unnest(%s::text[]) u where wanted -> 'prices' ? u)"


class Do(StrEnum):
    """What to do next."""

    REST = "rest"
    WAIT = "wait"
    TURN = "turn"
    RETRY = "retry"
    STUCK = "stuck"


def is_turn(step: Step) -> bool:
    """Whether it follows what is sold out, rather than the sale or an amendment."""
    return TURNS in step.key


def turns_locked(campaign: str) -> bool:
    """In a transaction: nobody else plans prices of this sale, and it stays as it is.

    False: somebody does, or opens, pauses or ends it; or it has ended. Never waits.
    """
    gate = SaleGate.objects.filter(campaign=campaign).values_list("pk", flat=True)
    for lock, key in (
        ("pg_try_advisory_xact_lock_shared", GATE_LOCK),
        ("pg_try_advisory_xact_lock", TURN_LOCK),
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"select {lock}(%s, %s)", [key, gate.first() or 0])
            if not cursor.fetchone()[0]:
                return False
    return gate.exclude(state=GateState.CLOSED).exists()


def hold_turns(campaign: str) -> None:
    """In a transaction: no price of this sale turns until it ends; before it, nothing.

    For who changes the plan of a sale: take it before its steps are read.
    """
    gate = SaleGate.objects.filter(campaign=campaign).first()
    if gate is not None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [TURN_LOCK, gate.pk])


def chains(plan: str, skus: Sequence[str]) -> dict[tuple[str, str], list[Step]]:
    """By shop and SKU, the steps that set or withdraw its price, in their order."""
    steps = Step.objects.filter(plan=plan, kind__in=[APPLY, WITHDRAW])
    named = RawSQL(  # noqa: S611
        NAMED, [list(skus)], output_field=ArrayField(models.TextField())
    )
    steps = steps.filter(wanted__prices__has_any_keys=list(skus))
    found: dict[tuple[str, str], list[Step]] = {}
    for step in (
        steps.annotate(named=named).defer("wanted", "before", "seen").order_by("pk")
    ):
        for sku in step.named:  # type: ignore[attr-defined]
            found.setdefault((step.target, sku), []).append(step)
    return found


def base_of(chain: Iterable[Step]) -> Step | None:
    """The step that set the price of the sale last; None while the shop shows none."""
    applied = [s for s in chain if s.kind == APPLY and s.state == State.VERIFIED]
    return applied[-1] if applied else None


def taken_back(plan: str, skus: Sequence[str]) -> dict[str, set[str]]:
    """By shop, those of these SKUs whose price is taken back because they are sold out.

    For who sets another price of them: see `hold_turns`, and wait until turns settle.
    """
    found: dict[str, set[str]] = {}
    for (shop, sku), chain in chains(plan, skus).items():
        live = [step for step in chain if step.state != State.SKIPPED]
        last = live[-1] if live else None
        if last and is_turn(last) and last.kind == WITHDRAW:
            found.setdefault(shop, set()).add(sku)
    return found


def decide(
    chain: Sequence[Step], kind: str, *, since: datetime | None, now: datetime
) -> Do:
    """What brings one SKU in one shop to where a step of this kind leaves it.

    since: turns of before do not count. STUCK: it failed for so long that a person
    looks at it; what a person left out on the run sheet rests.
    """
    live = [step for step in chain if step.state != State.SKIPPED]
    if any(step.state in OPEN for step in live):
        return Do.WAIT
    if base_of(live) is None or _is_left(chain[-1], kind, since):
        return Do.REST
    last = live[-1]
    if last.state == State.VERIFIED:
        left = last.kind == WITHDRAW and not is_turn(last)
        return Do.REST if last.kind == kind or left else Do.TURN
    if last.state != State.FAILED or last.undoing or not is_turn(last):
        return Do.REST
    return _after_failure(last, now) if last.kind == kind else Do.TURN


def _is_left(step: Step, kind: str, since: datetime | None) -> bool:
    ours = is_turn(step) and step.kind == kind and step.state == State.SKIPPED
    return ours and (since is None or step.due_at >= since)


def _after_failure(last: Step, now: datetime) -> Do:
    ended = last.finished_at or now
    if ended - last.due_at > TRY_FOR:
        return Do.STUCK
    return Do.WAIT if ended + AGAIN_AFTER > now else Do.RETRY
