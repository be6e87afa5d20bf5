"""What one approval adds up to: noted once for each person, counted by risk."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Approval, Campaign, RiskTable
from console.campaigns.operations.changes import become, locked
from console.campaigns.queries import approvals, obstacles
from console.campaigns.queries.approvals import Progress
from console.campaigns.queries.readiness import Verdict
from console.campaigns.rules import BadTable, Event, Table

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TABLE_LOCK = 5803


def note(
    campaign: Campaign,
    *,
    verdict: Verdict,
    actor: User,
    now: datetime,
    reason: str = "",
) -> Progress:
    """Add the actor's approval of a locked campaign, and say how far that brings it.

    Raises:
        AlreadyApproved: the actor has approved this content in this round.
    """
    before = approvals.progress(campaign)
    rules.check_first_time(before.has(actor.pk))
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.APPROVE,
        content_hash=campaign.content_hash,
        round=campaign.round,
        by=actor,
        at=now,
        reason=reason or campaign.override_reason,
        verdict=verdict.told()
        | obstacles.noted(campaign, verdict, now=now)
        | {"risk": before.told()},
    )
    return approvals.progress(campaign)


@operation()
def lapse(code: str, *, actor: User | None, now: datetime) -> bool:
    """Send an approved plan back to review if its override expired; True if it did.

    The approvals it had are those of an earlier round, so they count no more.
    """
    campaign = locked(code, actor)
    if not rules.allows(campaign.state, Event.LAPSE):
        return False
    if not rules.expired(campaign.override_reason, campaign.override_until, now):
        return False
    become(
        campaign, Event.LAPSE, now=now, approved_at=None, round=campaign.round + 1
    )  # fmt: skip
    why = "The override expired before the plan was armed"
    record(actor, "campaign.lapse", campaign, now=now, reason=why)
    return True


@operation()
def save_table(
    table: Table, *, version: int, reason: str, actor: User, now: datetime
) -> RiskTable:
    """Follow version `version` of the table of risks by the next one.

    Plans that are approved stay so; plans in review are counted by it from now on.

    Raises:
        StaleEdit: somebody saved another version first.
        BadTable: limits that contradict each other, or nothing changed.
        ReasonMissing: nobody said why.
    """
    rules.check_table(table)
    why = rules.check_reason(reason)
    _one_at_a_time()
    held = approvals.table()
    before, after = _told(held), _told(table)
    rules.check_version(version, held.version, before)
    if before == after:
        raise BadTable("Nothing changed.")
    saved = RiskTable.objects.create(
        **_values(table), version=held.version + 1, since=now, author=actor, reason=why
    )
    record(
        actor,
        "campaign.save_risk_table",
        saved,
        now=now,
        before={k: v for k, v in before.items() if v != after[k]},
        after={k: v for k, v in after.items() if v != before[k]},
        reason=why,
    )
    return saved


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TABLE_LOCK])


def _values(table: Table) -> dict[str, Any]:
    return {name: value for name, value in asdict(table).items() if name != "version"}


def _told(table: Table) -> dict[str, str]:
    """As people read it; an empty limit is never."""
    return {n: "never" if v is None else f"{v.normalize():f}" if isinstance(v, Decimal)
            else str(v) for n, v in _values(table).items()}  # fmt: skip
