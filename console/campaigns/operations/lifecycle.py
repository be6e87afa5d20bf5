"""Running a sale: what its steps and its operators make of it, one event each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.operations import amended, plans, suspending
from console.campaigns.operations.announcing import note_sends
from console.campaigns.operations.changes import become, disarm, hash_of, locked
from console.campaigns.operations.kept import keep_law
from console.campaigns.rules import (
    HOLDS_STOCK,
    Event,
    State,
    WindowPassed,
    WrongState,
)
from console.runbook import operations as runbook
from console.stock import operations as stock
from console.stock.models import SaleGate

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_REACHED = {
    Event.WARM: {State.WARMING, State.READY, State.LIVE, State.PAUSED, State.ENDING},
    Event.READY: {State.READY, State.LIVE, State.PAUSED, State.ENDING},
    Event.OPEN: {State.LIVE, State.PAUSED, State.ENDING},
    Event.END: {State.ENDING, State.CLOSED, State.FAILED, State.ABORTED},
    Event.CLOSE: {State.CLOSED, State.FAILED, State.ABORTED},
}
"""States in which a step that runs again finds its work done."""


def _is_done(campaign: Campaign, event: Event) -> bool:
    return campaign.state in _REACHED[event]


@operation()
def warm(code: str, *, actor: User | None, now: datetime) -> Campaign:
    """Begin to prepare the backend; done before, or suspended, nothing happens.

    Raises:
        WrongState: it is not armed.
        ContentChanged: its content is not what was approved.
    """
    campaign = locked(code, actor)
    if _is_done(campaign, Event.WARM):
        return campaign
    rules.after(campaign.state, Event.WARM)
    rules.check_hash(campaign.content_hash, hash_of(campaign))
    if suspending.looked(campaign, now=now):
        return campaign
    become(campaign, Event.WARM, now=now)
    record(actor, "campaign.warm", campaign, now=now)
    return campaign


@operation()
def ready(code: str, *, actor: User | None, now: datetime) -> Campaign:
    """Say that all before the opening is green; done, or suspended, nothing happens.

    Raises:
        WrongState: it is not warming.
    """
    campaign = locked(code, actor)
    if _is_done(campaign, Event.READY):
        return campaign
    rules.after(campaign.state, Event.READY)
    if not suspending.looked(campaign, now=now):
        become(campaign, Event.READY, now=now)
        record(actor, "campaign.ready", campaign, now=now)
    return campaign


@operation()
def open(code: str, *, actor: User | None, now: datetime) -> Campaign:
    """Open the gate to shoppers; done before, or suspended, nothing happens.

    Raises:
        WrongState: it is not ready.
        WindowPassed: the sale is over already.
    """
    campaign = locked(code, actor)
    if _is_done(campaign, Event.OPEN) or campaign.suspended_at:
        return campaign
    rules.after(campaign.state, Event.OPEN)
    if campaign.closes_at and campaign.closes_at <= now:
        raise WindowPassed("The sale's window is over, so it does not open any more.")
    stock.open_gate(
        code,
        hold_ttl_s=campaign.hold_ttl_s,
        buyer_limit=campaign.buyer_limit,
        order_limit=campaign.order_limit,
        holds_until=rules.holds_until(campaign.carts_at_end, campaign.closes_at),
        ends_at=campaign.closes_at,
        shops=plans.shops_of(campaign),
        now=now,
    )
    become(campaign, Event.OPEN, now=now, opened_at=now)
    keep_law(campaign, now=now)
    record(actor, "campaign.open", campaign, now=now)
    return campaign


@operation()
def pause(code: str, *, actor: User, now: datetime, reason: str = "") -> Campaign:
    """Take no new reservations; checkouts under way may finish.

    Raises:
        WrongState: it is not live.
    """
    campaign = become(locked(code, actor), Event.PAUSE, now=now)
    stock.pause_gate(code, now=now)
    record(actor, "campaign.pause", campaign, now=now, reason=reason)
    return campaign


@operation()
def resume(code: str, *, actor: User, now: datetime) -> Campaign:
    """Take reservations again.

    Raises:
        WrongState: it is not paused.
    """
    campaign = become(locked(code, actor), Event.RESUME, now=now)
    stock.resume_gate(code, now=now)
    record(actor, "campaign.resume", campaign, now=now)
    return campaign


@operation()
def end(code: str, *, actor: User | None, now: datetime) -> Campaign:
    """End the sale at the end of its window; one that never opened has failed.

    Raises:
        WrongState: it was never armed.
    """
    campaign = locked(code, actor)
    if _is_done(campaign, Event.END):
        return campaign
    if rules.allows(campaign.state, Event.END):
        wind_down(campaign, now=now)
        record(actor, "campaign.end", campaign, now=now)
        return campaign
    return _fail(campaign, "The window passed before it could open", now=now)


def wind_down(campaign: Campaign, *, now: datetime) -> None:
    """Close the gate of a locked campaign, for good."""
    stock.close_gate(campaign.code, now=now)
    become(campaign, Event.END, now=now, ended_at=now)


def _fail(campaign: Campaign, why: str, *, now: datetime) -> Campaign:
    become(campaign, Event.FAIL, now=now)
    plans.drop_opening(campaign, reason=why, now=now)
    record(None, "campaign.fail", campaign, now=now, reason=why)
    return campaign


@operation()
def close(code: str, *, actor: User | None, now: datetime) -> Campaign:
    """Archive a sale that has wound down; done before, nothing happens.

    Raises:
        WrongState: it has not ended.
        NotReviewed: one person let it go alone, and nobody has looked at that.
    """
    campaign = locked(code, actor)
    rules.check_reviewed(campaign.unreviewed_since)
    if not _is_done(campaign, Event.CLOSE):
        become(campaign, Event.CLOSE, now=now, closed_at=now)
        amended.give_up(campaign, why="The sale is over", now=now)
        note_sends(campaign)
        record(actor, "campaign.close", campaign, now=now)
    return campaign


@operation()
def abort(code: str, *, reason: str, actor: User, now: datetime) -> Campaign:
    """Stop for good: no new orders, drop the plan, undo what was done, return stock.

    Raises:
        WrongState: it is ending or over.
        ReasonMissing: nobody said why.
    """
    why = rules.check_reason(reason)
    campaign = locked(code, actor)
    was = State(campaign.state)
    become(campaign, Event.ABORT, now=now, **_stamps(campaign, now))
    amended.give_up(campaign, why=why, now=now)
    if was in HOLDS_STOCK:
        _undo(campaign, why, actor=actor, now=now)
    before = {"state": was.value}
    record(actor, "campaign.abort", campaign, now=now, before=before, reason=why)
    return campaign


@operation()
def discard(code: str, *, actor: User, now: datetime) -> Campaign:
    """Put a draft aside for good; nothing was done for it yet.

    Raises:
        WrongState: it is no draft any more.
    """
    campaign = locked(code, actor)
    if campaign.state != State.DRAFT:
        raise WrongState("Only a draft can be discarded. Take it back to edit first.")
    become(campaign, Event.ABORT, now=now)
    record(actor, "campaign.discard", campaign, now=now)
    return campaign


def _stamps(campaign: Campaign, now: datetime) -> dict[str, datetime]:
    return {"ended_at": now} if campaign.opened_at else {}


def _undo(campaign: Campaign, why: str, *, actor: User, now: datetime) -> None:
    if SaleGate.objects.filter(campaign=campaign.code).exists():
        stock.close_gate(campaign.code, now=now)
    elif not plans.has_begun(campaign):
        disarm(campaign, reason=why, actor=actor, now=now)
        return
    runbook.cancel(campaign.plan, reason=why, actor=actor, now=now)
    plans.write_abort(campaign, now=now)
