"""Prices a person decides about: asked, decided, asked again, settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.prices.models import Conflict
from console.prices.rules.reverting import Choice, Shown
from console.runbook import operations as runbook
from console.runbook.rules import Phase

Actor = User | AnonymousUser | AbstractBaseUser | None


class AlreadyDecided(Refusal):
    """Somebody was faster."""

    code = "already_decided"


@operation()
def ask(conflicts: Iterable[Conflict], *, now: datetime) -> int:
    """Put these prices before a person; one that is asked already stays as it is."""
    rows = list(conflicts)
    Conflict.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        after = {row.sku: row.why for row in rows}
        record(None, "prices.ask", rows[0].step_key, now=now, after=after)
    return len(rows)


@operation()
def decide(
    conflict_id: int, *, choice: Choice, actor: Actor, now: datetime
) -> Conflict:
    """Keep the price somebody set, or put back what was there before our sale.

    Putting back is a step: it writes only if the shop still asks what was found.

    Raises:
        AlreadyDecided: somebody decided about it first.
        OutOfScope: the person is limited to other categories or markets.
    """
    conflict = _open(conflict_id)
    check_within(actor, Kind.CAMPAIGN, [conflict.campaign])
    conflict.choice = Choice(choice)
    conflict.decided_at = now
    conflict.decided_by_id = getattr(actor, "pk", None)
    if conflict.choice == Choice.KEEP:
        conflict.settled_at = now
    conflict.save()
    if conflict.choice == Choice.RESTORE:
        _plan(conflict, now)
    record(
        actor,
        "prices.decide",
        conflict,
        now=now,
        before={"found": conflict.found.sale, "regular": conflict.found.regular},
        after={"choice": conflict.choice, "before_the_sale": conflict.before.sale},
    )
    return conflict


@operation()
def settle(conflict_ids: Sequence[int], *, now: datetime) -> None:
    """Note that what was decided is in the shop."""
    Conflict.objects.filter(pk__in=conflict_ids, settled_at=None).update(settled_at=now)


@operation()
def reopen(conflict_id: int, found: Shown, *, now: datetime) -> Conflict:
    """Ask again: the price has changed since somebody decided; nothing was written."""
    conflict = Conflict.objects.select_for_update().get(pk=conflict_id)
    before = {"found": conflict.found_sale, "choice": conflict.choice}
    conflict.found_regular, conflict.found_sale = found.regular, found.sale
    conflict.found_campaign, conflict.found_at = found.campaign, now
    conflict.choice, conflict.decided_at, conflict.decided_by = "", None, None
    conflict.save()
    after = {"found": found.sale}
    record(None, "prices.ask_again", conflict, now=now, before=before, after=after)
    return conflict


def _open(conflict_id: int) -> Conflict:
    conflict = Conflict.objects.select_for_update().get(pk=conflict_id)
    if conflict.choice:
        who = conflict.decided_by
        name = (who.get_full_name() or who.username) if who else "Somebody"
        raise AlreadyDecided(f"{name} has decided about {conflict.sku} already.")
    return conflict


def _plan(conflict: Conflict, now: datetime) -> None:
    runbook.plan(
        f"prices/restore/{conflict.pk}/{now.isoformat()}",
        "prices.restore",
        plan=conflict.plan,
        title=f"Put the price of {conflict.sku} back",
        target=conflict.connection,
        phase=Phase.REVERT,
        wanted={"conflict": conflict.pk, "connection": conflict.connection},
        due_at=now,
        now=now,
    )
