"""Deciding about an amendment: approved by another and applied, or turned down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Amendment, Approval, Campaign, Footprint
from console.campaigns.operations import amended, delta
from console.campaigns.operations.changes import check_scope, hash_of, locked
from console.campaigns.operations.depths import check_depth
from console.campaigns.operations.ends import move_end
from console.campaigns.operations.kept import keep_added
from console.campaigns.operations.owners import own
from console.campaigns.operations.proposing import judgeable, newly_broken
from console.campaigns.queries import approvals, footprints, obstacles, readiness
from console.campaigns.queries.readiness import Check
from console.campaigns.rules import (
    AmendmentAtWork,
    AmendmentState,
    ContentChanged,
    Event,
    LineChange,
    NotAllowedYet,
)
from console.fatigue import operations as fatigue
from console.people import queries as people

VOID = "The sale changed after this was proposed"


@operation()
def approve_amendment(
    amendment_id: int, *, content_hash: str, actor: User, now: datetime
) -> Amendment:
    """Approve exactly the change that was read, and plan the steps it takes.

    Locks the campaign, then what it tires, its stock, its steps: whatever the sale does
    meanwhile comes before or after.

    Raises:
        WrongState: the sale has ended. AmendmentDecided: it is not proposed any more.
        AuthorCannotApprove: the actor proposed it, or issued a token of who did.
        ContentChanged: it, or the sale below it, is not what was read.
        AmendmentAtWork: prices are being changed at this moment.
        NotAllowedYet: it breaks a rule that the sale kept so far, gives more off than
            the actor's roles may, or risks what takes more approvers than it has.
        NotEnoughStock: a SKU is short, or less than is sold would be left.
        PriceOwned: another campaign sets the price of one of its SKUs then.
        OutOfScope: it concerns something the actor is limited from, now or then.
    """
    made = _locked(amendment_id, actor)
    campaign = made.campaign
    rules.after(campaign.state, Event.AMEND)
    proposer = User.objects.filter(pk=made.proposed_by_id)
    rules.check_four_eyes(people.behind(proposer), actor.pk)
    rules.check_hash(content_hash, made.content_hash)
    _check_base(made, now)
    lines, before = made.changes, readiness.candidate(campaign)
    asked = approvals.progress(campaign).needed
    amended.write_lines(campaign, lines)
    keep_added(campaign, lines)
    check_scope(campaign, actor)
    check_depth(campaign, actor, skus=_repriced(lines))
    _check_enough(campaign, asked, actor)
    after = judgeable(campaign, made.end)
    fatigue.lock({*before.touch.scopes, *after.touch.scopes})
    broken = newly_broken(before, after, lines, now)
    _check(broken)
    amended.alter_stock(campaign, lines, actor=actor, now=now)
    if made.end:
        move_end(
            campaign,
            datetime.fromisoformat(made.end["after"]),
            datetime.fromisoformat(made.end["local"]),
            fold=made.end.get("fold"),
            actor=actor,
            now=now,
        )
    own(campaign)
    at_work = delta.write(made, lines, actor=actor, now=now)
    warnings = [check.text for check in broken]
    _keep(made, warnings, actor=actor, now=now, at_work=at_work)
    return made


def _locked(amendment_id: int, actor: User) -> Amendment:
    """The amendment, its campaign locked first.

    Raises:
        AmendmentDecided: somebody decided about it.
        OutOfScope: the actor is limited to other categories or markets.
    """
    found = Amendment.objects.select_related("campaign").get(pk=amendment_id)
    campaign = locked(found.campaign.code, actor)
    made = Amendment.objects.select_for_update().get(pk=amendment_id)
    made.campaign = campaign
    rules.check_proposed(made.state)
    return made


def _check_base(made: Amendment, now: datetime) -> None:
    """Refuse what was proposed for a sale that says something else by now.

    Raises:
        ContentChanged: propose it again.
        AmendmentAtWork: an earlier one is being applied.
        WindowPassed: its end is over by now.
    """
    campaign = made.campaign
    if made.base_hash != campaign.content_hash:
        raise ContentChanged(f"{VOID}. Propose it again, for the sale as it is now.")
    if campaign.amendments.filter(state=AmendmentState.APPROVED).exists():
        raise AmendmentAtWork(
            "An earlier amendment is still being applied. Wait until its steps are "
            "done, or look at the run sheet."
        )
    if made.end:
        assert campaign.opens_at
        end = datetime.fromisoformat(made.end["after"])
        rules.check_new_end(campaign.opens_at, end, now)


def _repriced(lines: Sequence[LineChange]) -> list[str]:
    return [one.sku for one in lines if one.after and one.reprices]


def _check_enough(campaign: Campaign, asked: int, actor: User) -> None:
    """Refuse what would let one person add a risk that takes several.

    asked: approvers the sale needed before its lines were changed. Everybody counts
    who approved it in this round, or amended it since, and the actor.

    Raises:
        NotAllowedYet: says how many it takes, and why.
    """
    risks = approvals.progress(campaign)
    behind = approvals.people_behind(campaign) | {actor.pk}
    if risks.needed > max(asked, len(behind)):
        raise NotAllowedYet(
            f"The amended sale takes {risks.needed} approvers, and {len(behind)} would "
            f"stand behind it: {'; '.join(risks.reasons)}. Amend it by less, or take "
            "the plan back and have it approved anew."
        )


def _check(broken: Sequence[Check]) -> None:
    hard = [check for check in broken if check.tone == "bad"]
    if hard:
        more = f" And {len(hard) - 1} more." if len(hard) > 1 else ""
        raise NotAllowedYet(
            f"{hard[0].text.rstrip('.')}.{more}",
            detail={"blockers": [check.text for check in hard]},
        )


def _keep(
    made: Amendment,
    warnings: Sequence[str],
    *,
    actor: User,
    now: datetime,
    at_work: bool,
) -> None:
    """Note the decision, with what was accepted, and the content the sale has now."""
    campaign = made.campaign
    accepts = obstacles.noted_of(campaign, _repriced(made.changes), now=now)
    campaign.content_hash = hash_of(campaign)
    campaign.version += 1
    campaign.updated_at = now
    campaign.save(update_fields=["content_hash", "version", "updated_at"])
    touch = footprints.columns(footprints.touch(campaign), at=now)
    Footprint.objects.update_or_create(campaign=campaign, defaults=touch)
    made.state = AmendmentState.APPROVED if at_work else AmendmentState.APPLIED
    made.decided_by, made.decided_at = actor, now
    made.applied_at = None if at_work else now
    made.save()
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.AMEND if made.end else Approval.Kind.CHANGE,
        content_hash=campaign.content_hash,
        by=actor,
        at=now,
        reason=made.reason,
        verdict={"warnings": warnings, **accepts, **_end(made)},
    )
    waiting = campaign.amendments.filter(state=AmendmentState.PROPOSED)
    waiting.update(state=AmendmentState.WITHDRAWN, decided_at=now, answer=VOID)
    told = made.told() | {"sale": campaign.content_hash}
    record(actor, "campaign.amend", campaign, now=now, after=told, reason=made.reason)


def _end(made: Amendment) -> dict[str, dict[str, str]]:
    """The end before and after, of an amendment that moves it."""
    if not made.end:
        return {}
    return {"end": {name: made.end[name] for name in ("before", "after")}}


@operation()
def reject_amendment(
    amendment_id: int, *, reason: str, actor: User, now: datetime
) -> Amendment:
    """Turn an amendment down, saying why.

    Raises:
        ReasonMissing: nobody said why. AmendmentDecided: it is not proposed any more.
    """
    why = rules.check_reason(reason)
    return _settle(
        _locked(amendment_id, actor), AmendmentState.REJECTED, actor, now, why
    )


@operation()
def withdraw_amendment(amendment_id: int, *, actor: User, now: datetime) -> Amendment:
    """Take a proposal back.

    Raises:
        AmendmentDecided: it is not proposed any more.
    """
    return _settle(
        _locked(amendment_id, actor), AmendmentState.WITHDRAWN, actor, now, ""
    )


def _settle(
    made: Amendment, state: AmendmentState, actor: User, now: datetime, why: str
) -> Amendment:
    made.state, made.answer = state, why
    made.decided_by, made.decided_at = actor, now
    made.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    verb = "campaign.turn_down" if why else "campaign.take_back"
    record(actor, verb, made.campaign, now=now, after=made.told(), reason=why)
    return made
