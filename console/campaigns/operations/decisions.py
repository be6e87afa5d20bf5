"""Deciding about a plan: submit, take back, send back, approve and arm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Approval, Campaign, Footprint
from console.campaigns.operations import approving, plans, sources
from console.campaigns.operations.changes import (
    become,
    disarm,
    hash_of,
    locked,
)
from console.campaigns.operations.depths import check_depth
from console.campaigns.operations.kept import keep_law
from console.campaigns.operations.owners import own
from console.campaigns.queries import approvals, footprints, freezes, readiness
from console.campaigns.queries.footprints import Touch
from console.campaigns.queries.readiness import Verdict
from console.campaigns.queries.waiting import awaited
from console.campaigns.rules import Event, NotAllowedYet, OverrideExpired, State
from console.campaigns.rules.reaching import check_reachable
from console.campaigns.rules.waiting import check_settled
from console.fatigue import operations as fatigue
from console.stock import operations as stock
from console.stock.rules import Want

if TYPE_CHECKING:
    from django.contrib.auth.models import User

INSTANT = timedelta(microseconds=1)


@operation()
def submit(
    code: str,
    *,
    actor: User,
    now: datetime,
    override: str = "",
    override_until: datetime | None = None,
) -> Campaign:
    """Send a draft for approval, as it is at this instant.

    override: why the approver should pass over a fatigue rule that allows it.
    override_until: naive, on the clock of the campaign's zone; up to when the override
        may be used to arm, by default the opening.

    Raises:
        WrongState: it is no draft.
        WindowPassed, Incomplete: it has no start to come.
        BadExpiry: the override would end in the past, or after the opening.
        NotAllowedYet: the verdict has blockers.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.SUBMIT)
    opens_at = rules.check_opening(campaign.opens_at, now)
    until = _until(campaign, override_until, now) or opens_at
    check_verdict(readiness.verdict(campaign, now=now), override=override.strip())
    become(
        campaign,
        Event.SUBMIT,
        now=now,
        content_hash=hash_of(campaign),
        submitted_by=actor,
        submitted_at=now,
        override_reason=override.strip(),
        override_until=until if override.strip() else None,
        round=campaign.round + 1,
    )
    campaign.editors.add(actor)
    after = {"content": campaign.content_hash}
    if campaign.override_until:
        after["override_until"] = campaign.override_until.isoformat()
    record(actor, "campaign.submit", campaign, now=now, after=after, reason=override)
    return campaign


def _until(
    campaign: Campaign, local: datetime | None, now: datetime
) -> datetime | None:
    if local is None:
        return None
    until = rules.instant(local, campaign.zone, field="override_until", fold=0)
    assert campaign.opens_at
    rules.check_expiry(until, campaign.opens_at, now)
    return until


def check_verdict(verdict: Verdict, *, override: str) -> None:
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
    campaign = locked(code, actor)
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
    campaign = locked(code, actor)
    why = rules.check_reason(reason)
    judged = campaign.content_hash
    become(campaign, Event.REJECT, now=now, content_hash="")
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.REJECT,
        content_hash=judged,
        round=campaign.round,
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
    """Approve exactly the content that was read; the last approval also arms it.

    How many are needed depends on what the plan risks. Locks the campaign, then every
    scope it tires, so that of two rival plans the second sees the first. An override
    the author asked for is granted with it. While a freeze holds, or a sale it waits
    for is open, the plan stays approved, to be armed later.

    Raises:
        WrongState: it is not in review.
        AuthorCannotApprove: the actor worked on it.
        AlreadyApproved: the actor approved it; somebody else is needed.
        ContentChanged: it is not what was read.
        WindowPassed: it would open in the past.
        OverrideExpired: the override it asks for is over.
        NotAllowedYet: the verdict has blockers, or a line is deeper than the actor's
            roles may give.
        NotEnoughStock: a SKU is short.
        PriceOwned: another campaign sets the price of one of its SKUs then.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.APPROVE)
    rules.check_four_eyes(approvals.authors(campaign), actor.pk)
    check_depth(campaign, actor)
    rules.check_override(campaign.override_reason, campaign.override_until, now)
    touch, verdict = judged(campaign, content_hash, now=now)
    check_verdict(verdict, override=campaign.override_reason)
    so_far = approving.note(campaign, verdict=verdict, actor=actor, now=now)
    if not so_far.missing:
        grant(campaign, touch, now=now)
        held = freezes.in_the_way(touch, now, now + INSTANT)
        waits = any(one.why for one in awaited(campaign))
        if arm and not waits and (campaign.override_reason or not held):
            arm_now(campaign, actor=actor, now=now)
    after = {"content": content_hash, "state": campaign.state, "given": so_far.text}
    record(actor, "campaign.approve", campaign, now=now, after=after)
    return campaign


def judged(
    campaign: Campaign, content_hash: str, *, now: datetime
) -> tuple[Touch, Verdict]:
    """The verdict on exactly what was read, with everything it tires locked."""
    rules.check_hash(content_hash, campaign.content_hash)
    rules.check_hash(campaign.content_hash, hash_of(campaign))
    rules.check_opening(campaign.opens_at, now)
    touch = footprints.touch(campaign)
    fatigue.lock(touch.scopes)
    return touch, readiness.verdict(campaign, now=now)


def grant(campaign: Campaign, touch: Touch, *, now: datetime) -> None:
    """Let a locked plan count as approved from now on, with what it touches."""
    Footprint.objects.update_or_create(
        campaign=campaign, defaults=footprints.columns(touch, at=now)
    )
    sources.freeze(campaign)
    become(campaign, Event.APPROVE, now=now, approved_at=now)
    own(campaign)


def arm(code: str, *, actor: User, now: datetime) -> Campaign:
    """Lock the stock of an approved campaign, and write down its plan of steps.

    Where its override has expired the plan goes back to review first.

    Raises:
        WrongState: it is not approved.
        OverrideExpired: it is in review again.
        ContentChanged: it is no longer what was approved.
        WindowPassed: it would open in the past.
        Frozen: a freeze holds now, or while it would run.
        NobodyToReach: nobody is on call, or there is no contact.
        StillWaiting: a sale it waits for is not over, or not put back.
        NotEnoughStock: a SKU is short.
    """
    if approving.lapse(code, actor=actor, now=now):
        raise OverrideExpired(
            "The override has expired, so the plan was not armed and is in review "
            "again. Take it back, and submit it with an override that lasts longer."
        )
    return _arm_approved(code, actor=actor, now=now)


@operation()
def _arm_approved(code: str, *, actor: User, now: datetime) -> Campaign:
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.ARM)
    rules.check_hash(campaign.content_hash, hash_of(campaign))
    rules.check_override(campaign.override_reason, campaign.override_until, now)
    opens_at = rules.check_opening(campaign.opens_at, now)
    _check_frozen(campaign, opens_at, now)
    arm_now(campaign, actor=actor, now=now)
    record(actor, "campaign.arm", campaign, now=now)
    return campaign


def _check_frozen(campaign: Campaign, opens_at: datetime, now: datetime) -> None:
    """Refuse while a freeze holds, and for a sale that would run during one."""
    assert campaign.closes_at
    touch = footprints.touch(campaign)
    held = freezes.in_the_way(touch, now, now + INSTANT)
    held += freezes.in_the_way(touch, opens_at, campaign.closes_at)
    rules.check_freezes([one.name for one in held], campaign.override_reason)


def arm_now(campaign: Campaign, *, actor: User, now: datetime) -> None:
    """Lock the stock of a locked campaign that is approved, and write its steps.

    Raises:
        NobodyToReach: nobody is on call, or there is no contact.
        StillWaiting: a sale it waits for is not over, or not put back.
        NotEnoughStock: a SKU is short.
    """
    on_call = campaign.on_call_id is not None
    check_reachable(on_call=on_call, contacts=campaign.contacts)
    check_settled(awaited(campaign))
    become(campaign, Event.ARM, now=now)
    keep_law(campaign, now=now)
    rows = campaign.lines.values_list("sku_id", "units", "buffer").order_by("sku_id")
    wants = [Want(*row) for row in rows]
    stock.lock(campaign.code, wants=wants, actor=actor, now=now)
    plans.write(campaign, now=now)
