"""Who is reached, what was decided, and what a sale waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Decision, Dependency
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.queries import versions
from console.campaigns.rules import HOLDS_STOCK
from console.campaigns.rules.reaching import Contact, check_contacts, check_war_room
from console.campaigns.rules.versions import check_seen
from console.campaigns.rules.waiting import check_acyclic

if TYPE_CHECKING:
    from django.contrib.auth.models import User

GRAPH_LOCK = 5802
"""The advisory lock of who adds an edge: two at once could close a circle."""


@operation()
def set_contacts(
    code: str,
    contacts: Sequence[Contact],
    *,
    war_room: str = "",
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Campaign:
    """Say whom to reach, in the order they are called, and where people meet.

    Approvals stay: who is called may change while a sale runs. version: of what was
    read; None saves over whatever is there.

    Raises:
        BadContact: a contact without name or way, or an address that is not https.
        NobodyToReach: an armed sale would have nobody.
        StaleEdit: somebody changed them since; the newer values are in `detail`.
    """
    campaign = locked(code, actor)
    check_contacts(contacts, holds=campaign.state in HOLDS_STOCK)
    before, room = versions.people(campaign), check_war_room(war_room)
    spelled = [one.spelled() for one in contacts]
    after = {"contacts": spelled, "war_room": room}
    check_seen(version, before, after)
    campaign.contacts, campaign.war_room = spelled, room
    campaign.save(update_fields=["contacts", "war_room"])
    if before != after:
        verb = "campaign.set_contacts"
        record(actor, verb, campaign, now=now, before=before, after=after)
    return campaign


@operation()
def decide(code: str, *, text: str, actor: User, now: datetime) -> Decision:
    """Write down what was decided, and by whom; it stays.

    Raises:
        ReasonMissing: nothing was said.
    """
    campaign = locked(code, actor)
    said = rules.check_reason(text)
    made = Decision.objects.create(campaign=campaign, text=said, by=actor, at=now)
    record(actor, "campaign.decide", campaign, now=now, reason=said)
    return made


def lock_graph() -> None:
    """Let nobody else add an edge until the transaction ends; before any row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GRAPH_LOCK])


@operation()
def wait_for(code: str, *, on: str, actor: User, now: datetime) -> Dependency:
    """Let a plan not be armed until another sale is over and put back.

    What was decided about the plan is void. Already so, nothing happens.

    Raises:
        UnknownCampaign: there is no such sale. WrongState: the plan is at work.
        WaitsForItself: the other waits for this one, maybe around others.
    """
    lock_graph()
    campaign = locked(code, actor)
    other = Campaign.objects.filter(code=on.strip()).first()
    if other is None:
        raise rules.UnknownCampaign(f"There is no campaign {on}.", field="on")
    edges = list(Dependency.objects.values_list("campaign_id", "on_id"))
    check_acyclic(edges, campaign.pk, other.pk)
    made, is_new = Dependency.objects.get_or_create(campaign=campaign, on=other)
    if is_new:
        touch(campaign, actor=actor, now=now)
        after = {"on": other.code}
        record(actor, "campaign.wait_for", campaign, now=now, after=after)
    return made


@operation()
def wait_no_more(code: str, *, on: str, actor: User, now: datetime) -> None:
    """Let a plan no longer wait for another; what was decided about it is void.

    Raises:
        WrongState: the plan is at work already.
    """
    campaign = locked(code, actor)
    gone = Dependency.objects.filter(campaign=campaign, on__code=on)
    if gone.exists():
        gone.delete()
        touch(campaign, actor=actor, now=now)
        before = {"on": on}
        record(actor, "campaign.wait_no_more", campaign, now=now, before=before)
