"""Breaking the glass: one person approves and arms alone, another reviews it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import BreakGlass, Campaign
from console.campaigns.operations import approving
from console.campaigns.operations.changes import locked
from console.campaigns.operations.decisions import (
    arm_now,
    check_verdict,
    grant,
    judged,
)
from console.campaigns.queries import approvals, obstacles
from console.campaigns.rules import Event, NothingToReview

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def break_glass(
    code: str,
    *,
    content_hash: str,
    reason: str,
    typed: str,
    actor: User,
    now: datetime,
) -> Campaign:
    """Approve a plan alone, whoever wrote it, and arm it at once.

    It passes over whatever approvers could pass over, over the number of them, and over
    how much off their roles may give; what nobody may pass over still stops it. An
    alarm stands until it was reviewed.

    typed: the code of the campaign.

    Raises:
        WrongState: it is not in review.
        NotConfirmed: the code was not typed.
        ReasonMissing: nobody said why.
        ContentChanged: it is not what was read.
        WindowPassed: it would open in the past.
        NotAllowedYet: the verdict has blockers that nobody may pass over.
        NotEnoughStock: a SKU is short.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.APPROVE)
    rules.check_typed(typed, code)
    why = rules.check_reason(reason)
    touch, verdict = judged(campaign, content_hash, now=now)
    check_verdict(verdict, override=why)
    if not approvals.progress(campaign).has(actor.pk):
        approving.note(campaign, verdict=verdict, actor=actor, now=now, reason=why)
    passed = obstacles.passed(campaign, verdict, now=now)
    _note(campaign, why, passed, actor=actor, now=now)
    grant(campaign, touch, now=now)
    arm_now(campaign, actor=actor, now=now)
    after = {"content": content_hash, "state": campaign.state}
    record(actor, "campaign.break_glass", campaign, now=now, after=after, reason=why)
    return campaign


def _note(
    campaign: Campaign, why: str, passed: list[str], *, actor: User, now: datetime
) -> None:
    BreakGlass.objects.create(
        campaign=campaign,
        round=campaign.round,
        content_hash=campaign.content_hash,
        by=actor,
        at=now,
        reason=why,
        passed=passed,
    )
    campaign.unreviewed_since = campaign.unreviewed_since or now
    campaign.save(update_fields=["unreviewed_since"])


@operation()
def review_glass(
    code: str, *, decision: str, note: str, actor: User, now: datetime
) -> Campaign:
    """Write down what somebody else makes of it; the alarm ends, and it may close.

    Where it was broken more than once, the oldest is reviewed first.

    Raises:
        NothingToReview: somebody was quicker.
        OwnGlass: the actor broke it.
        ReasonMissing: there is no note.
    """
    campaign = locked(code, actor)
    waiting = campaign.glasses.filter(reviewed_at=None).order_by("at", "pk")
    glass, *more = [*waiting, None]
    if glass is None:
        raise NothingToReview("There is nothing to review any more.")
    rules.check_reviewer(glass.by_id, actor.pk)
    glass.note, glass.decision = rules.check_reason(note), BreakGlass.Decision(decision)
    glass.reviewed_by, glass.reviewed_at = actor, now
    glass.save(update_fields=["note", "decision", "reviewed_by", "reviewed_at"])
    following = more[0]
    campaign.unreviewed_since = following.at if following else None
    campaign.save(update_fields=["unreviewed_since"])
    after = {"decision": glass.decision}
    record(
        actor,
        "campaign.review_glass",
        campaign,
        now=now,
        after=after,
        reason=glass.note,
    )
    return campaign
