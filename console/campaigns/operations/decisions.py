"""Deciding about a plan: submit, take back, send back, approve and arm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Approval, Campaign, Footprint
from console.campaigns.operations import plans
from console.campaigns.operations.changes import (
    become,
    disarm,
    hash_of,
    locked,
)
from console.campaigns.queries import footprints, freezes, readiness
from console.campaigns.queries.readiness import Verdict
from console.campaigns.rules import Event, NotAllowedYet, State
from console.fatigue import operations as fatigue
from console.stock import operations as stock
from console.stock.rules import Want

if TYPE_CHECKING:
    from django.contrib.auth.models import User

INSTANT = timedelta(microseconds=1)


@operation()
def submit(code: str, *, actor: User, now: datetime, override: str = "") -> Campaign:
    """Send a draft for approval, as it is at this instant.

    override: why the approver should pass over a fatigue rule that allows it.

    Raises:
        WrongState: it is no draft.
        WindowPassed, Incomplete: it has no start to come.
        NotAllowedYet: the verdict has blockers.
    """
    campaign = locked(code)
    rules.after(campaign.state, Event.SUBMIT)
    rules.check_opening(campaign.opens_at, now)
    _check_verdict(readiness.verdict(campaign, now=now), override=override.strip())
    become(
        campaign,
        Event.SUBMIT,
        now=now,
        content_hash=hash_of(campaign),
        submitted_by=actor,
        submitted_at=now,
        override_reason=override.strip(),
    )
    campaign.editors.add(actor)
    after = {"content": campaign.content_hash}
    record(actor, "campaign.submit", campaign, now=now, after=after, reason=override)
    return campaign


def _check_verdict(verdict: Verdict, *, override: str) -> None:
    """Refuse what the checks block.

    Raises:
        NotAllowedYet: each blocker in `detail`, the first in the sentence.
    """
    blocking = [c for c in verdict.blockers if not (override and c.overridable)]
    if not blocking:
        return
    more = len(blocking) - 1
    raise NotAllowedYet(
        f"{blocking[0].text.rstrip('.')}."
        + (
            f" And {more} more {'blocker' if more == 1 else 'blockers'}."
            if more
            else ""
        ),
        detail={"blockers": [check.text for check in blocking]},
    )


@operation()
def withdraw(code: str, *, actor: User, now: datetime) -> Campaign:
    """Take a plan back to draft; an armed one gives its stock back.

    Raises:
        WrongState: it is a draft, or at work already.
    """
    campaign = locked(code)
    was = campaign.state
    become(campaign, Event.WITHDRAW, now=now, content_hash="", approved_at=None)
    if was == State.ARMED:
        disarm(campaign, reason="The plan was taken back", actor=actor, now=now)
    record(actor, "campaign.withdraw", campaign, now=now, before={"state": was})
    return campaign


@operation()
def reject(code: str, *, reason: str, actor: User, now: datetime) -> Campaign:
    """Send a plan back to its author, saying why.

    Raises:
        WrongState: it is not in review.
        ReasonMissing: nobody said why.
    """
    campaign = locked(code)
    why = rules.check_reason(reason)
    judged = campaign.content_hash
    become(campaign, Event.REJECT, now=now, content_hash="")
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.REJECT,
        content_hash=judged,
        by=actor,
        at=now,
        reason=why,
    )
    record(actor, "campaign.reject", campaign, now=now, reason=why)
    return campaign


@operation()
def approve(
    code: str, *, content_hash: str, actor: User, now: datetime, arm: bool = True
) -> Campaign:
    """Approve exactly the content that was read, and arm it unless told otherwise.

    Locks the campaign, then every scope it tires, so that of two rival plans the second
    sees the first. An override the author asked for is granted with it. While a freeze
    holds the plan stays approved, to be armed once that is over.

    Raises:
        WrongState: it is not in review.
        AuthorCannotApprove: the actor worked on it.
        ContentChanged: it is not what was read.
        WindowPassed: it would open in the past.
        NotAllowedYet: the verdict has blockers.
        NotEnoughStock: a SKU is short.
    """
    campaign = locked(code)
    rules.after(campaign.state, Event.APPROVE)
    rules.check_four_eyes(_authors(campaign), actor.pk)
    rules.check_hash(content_hash, campaign.content_hash)
    rules.check_hash(campaign.content_hash, hash_of(campaign))
    rules.check_opening(campaign.opens_at, now)
    touch = footprints.touch(campaign)
    fatigue.lock(touch.scopes)
    verdict = readiness.verdict(campaign, now=now)
    _check_verdict(verdict, override=campaign.override_reason)
    Footprint.objects.update_or_create(
        campaign=campaign, defaults=footprints.columns(touch, at=now)
    )
    become(campaign, Event.APPROVE, now=now, approved_at=now, round=campaign.round + 1)
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.APPROVE,
        content_hash=content_hash,
        by=actor,
        at=now,
        reason=campaign.override_reason,
        verdict=verdict.told(),
    )
    held = freezes.in_the_way(touch, now, now + INSTANT)
    if arm and (campaign.override_reason or not held):
        _arm(campaign, actor=actor, now=now)
    after = {"content": content_hash, "state": campaign.state}
    record(actor, "campaign.approve", campaign, now=now, after=after)
    return campaign


def _authors(campaign: Campaign) -> set[int]:
    people = set(campaign.editors.values_list("pk", flat=True))
    people |= {campaign.author_id}
    return people | ({campaign.submitted_by_id} if campaign.submitted_by_id else set())


@operation()
def arm(code: str, *, actor: User, now: datetime) -> Campaign:
    """Lock the stock of an approved campaign, and write down its plan of steps.

    Raises:
        WrongState: it is not approved.
        ContentChanged: it is no longer what was approved.
        WindowPassed: it would open in the past.
        Frozen: a freeze holds now, or while it would run.
        NotEnoughStock: a SKU is short.
    """
    campaign = locked(code)
    rules.after(campaign.state, Event.ARM)
    rules.check_hash(campaign.content_hash, hash_of(campaign))
    opens_at = rules.check_opening(campaign.opens_at, now)
    _check_frozen(campaign, opens_at, now)
    _arm(campaign, actor=actor, now=now)
    record(actor, "campaign.arm", campaign, now=now)
    return campaign


def _check_frozen(campaign: Campaign, opens_at: datetime, now: datetime) -> None:
    """Refuse while a freeze holds, and for a sale that would run during one."""
    assert campaign.closes_at
    touch = footprints.touch(campaign)
    held = freezes.in_the_way(touch, now, now + INSTANT)
    held += freezes.in_the_way(touch, opens_at, campaign.closes_at)
    rules.check_freezes([one.name for one in held], campaign.override_reason)


def _arm(campaign: Campaign, *, actor: User, now: datetime) -> None:
    become(campaign, Event.ARM, now=now)
    rows = campaign.lines.values_list("sku_id", "units", "buffer").order_by("sku_id")
    wants = [Want(*row) for row in rows]
    stock.lock(campaign.code, wants=wants, actor=actor, now=now)
    plans.write(campaign, now=now)
