"""Moving the end of a sale: later, earlier, or to this instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import plans
from console.campaigns.operations.changes import hash_of, locked
from console.campaigns.operations.lifecycle import wind_down
from console.campaigns.operations.owners import own
from console.campaigns.queries import effects, impact, readiness
from console.campaigns.queries.places import places_of
from console.campaigns.rules import Event, NotAllowedYet, StartMode
from console.fatigue import operations as fatigue
from console.runbook import operations as runbook
from console.stock import operations as stock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

END = "closes_local"
SHORTEST = timedelta(seconds=1)
"""A sale opened ahead of its time and ended before it keeps a window of this length."""


@operation()
def extend(
    code: str,
    *,
    closes_local: datetime,
    actor: User,
    now: datetime,
    fold: int | None = None,
    countdown: bool = False,
    reason: str = "",
) -> Campaign:
    """Move the end, later or earlier, and with it every step of the wind-down.

    closes_local: naive, on the wall clock of the campaign's zone. countdown: the end
    that shoppers saw may be wrong.

    Raises:
        WrongState: it is not armed, or over.
        WindowPassed: that end is in the past or before the start.
        EndUnchanged: it ends then already.
        TimeDoesNotExist, TimeIsAmbiguous: the wall clock.
        CountdownPromised: shoppers see a countdown to the end there is.
        NotAllowedYet: the longer sale would break a fatigue policy, or run into a
            freeze.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.EXTEND)
    closes_at = closing(campaign, closes_local, fold)
    assert campaign.opens_at and campaign.closes_at
    rules.check_new_end(campaign.opens_at, closes_at, now)
    rules.check_order(campaign.opens_at, closes_at)
    before = campaign.closes_at
    rules.check_end_moves(before, closes_at)
    opened = campaign.opened_at is not None
    rules.check_countdown(before, closes_at, opened=opened, accepted=countdown)
    warnings = _check_longer(campaign, closes_at, now)
    move_end(campaign, closes_at, closes_local, fold=fold, actor=actor, now=now)
    moved = {"before": before.isoformat(), "after": closes_at.isoformat()}
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.AMEND,
        content_hash=campaign.content_hash,
        by=actor,
        at=now,
        reason=reason,
        verdict={"warnings": warnings, "end": moved},
    )
    record(
        actor,
        "campaign.extend",
        campaign,
        now=now,
        before={"closes_at": before.isoformat()},
        after={"closes_at": closes_at.isoformat(), "countdown": countdown},
        reason=reason,
    )
    return campaign


def closing(campaign: Campaign, local: datetime, fold: int | None) -> datetime:
    """When the last of its markets closes, if each does at a local time."""
    zones = [campaign.zone]
    if campaign.start_mode == StartMode.ROLLING:
        zones = [one.zone for one in places_of(campaign)] or zones
    return max(rules.instant(local, zone, field=END, fold=fold) for zone in zones)


def _check_longer(campaign: Campaign, closes_at: datetime, now: datetime) -> list[str]:
    """Refuse an extension into a freeze, or that breaks a rule the sale kept so far.

    What it does to other sales, and to its own claims, is only told.
    """
    assert campaign.closes_at
    if closes_at <= campaign.closes_at:
        return []
    as_is = readiness.candidate(campaign)
    fatigue.lock(as_is.touch.scopes)
    longer = replace(as_is, closes_at=closes_at)
    for check in impact.broken(as_is, longer, now=now):
        why = check.text.rstrip(".")
        raise NotAllowedYet(f"{why}. Choose an earlier end.", field=END)
    return [check.text for check in effects.warnings(as_is, longer, now=now)]


def move_end(
    campaign: Campaign,
    closes_at: datetime,
    closes_local: datetime,
    *,
    fold: int | None = None,
    actor: User | None,
    now: datetime,
) -> None:
    """Move the end of a locked campaign, and the steps that depend on it.

    fold: which of two equal times on the wall clock the end is; None where there is
    one. What the campaign says of its start stays.
    """
    assert campaign.closes_at
    by = closes_at - campaign.closes_at
    campaign.closes_at, campaign.closes_local = closes_at, closes_local
    campaign.closes_fold = None if fold is None else int(bool(fold))
    campaign.content_hash = hash_of(campaign)
    campaign.updated_at = now
    said = ["closes_at", "closes_local", "closes_fold", "content_hash", "updated_at"]
    campaign.save(update_fields=said)
    until = rules.holds_until(campaign.carts_at_end, closes_at)
    stock.limit_holds(campaign.code, until, now=now)
    stock.tell_end(campaign.code, closes_at)
    own(campaign)
    runbook.move(campaign.plan, closes_by=by, actor=actor, now=now)


@operation()
def end_now(code: str, *, reason: str, actor: User, now: datetime) -> Campaign:
    """Close the gate this instant, and wind down in order from here.

    Raises:
        WrongState: it is neither live nor paused.
        ReasonMissing: nobody said why.
    """
    why = rules.check_reason(reason)
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.END)
    end_at_once(campaign, actor=actor, now=now)
    record(actor, "campaign.end", campaign, now=now, reason=why)
    return campaign


def end_at_once(campaign: Campaign, *, actor: User | None, now: datetime) -> None:
    """Close the gate of a locked campaign, and bring its wind-down forward."""
    assert campaign.opens_at
    at = max(now, campaign.opens_at + SHORTEST)
    there = at.astimezone(rules.zone_of(campaign.zone))
    other = there.replace(fold=1 - there.fold)
    fold = None if other.utcoffset() == there.utcoffset() else there.fold
    local = there.replace(tzinfo=None, fold=0)
    plans.drop_opening(campaign, reason="The sale was ended", now=now)
    wind_down(campaign, now=now)
    move_end(campaign, at, local, fold=fold, actor=actor, now=now)
