"""The kinds of step of this room: the turning points of a sale's own life."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from console.campaigns import operations, queries
from console.campaigns.models import Campaign
from console.campaigns.rules import State
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step

REVIEW_POLL_S = 5.0


def _turn(act: Callable[..., Campaign], step: Step) -> Campaign:
    return act(step.wanted["campaign"], actor=None, now=timezone.now())


def _seen(campaign: Campaign) -> Seen:
    if campaign.suspended_at:
        return Seen(note=f"Suspended: {campaign.suspended_why}", pending=True)
    note = f"The campaign is {State(campaign.state).label.lower()}"
    return Seen({"state": campaign.state}, note, progress=1.0)


@handles("campaigns.warm_up")
def warm_up(step: Step) -> Seen:
    """Let the campaign begin to warm."""
    return _seen(_turn(operations.warm, step))


@handles("campaigns.ready")
def ready(step: Step) -> Seen:
    """All that comes before is verified: the campaign is ready."""
    return _seen(_turn(operations.ready, step))


@handles("campaigns.open")
def open_sale(step: Step) -> Seen:
    """Open the gate to shoppers."""
    return _seen(_turn(operations.open, step))


@handles("campaigns.end")
def end_sale(step: Step) -> Seen:
    """Close the gate to new reservations."""
    return _seen(_turn(operations.end, step))


@handles("campaigns.close")
def close_campaign(step: Step) -> Seen:
    """Archive the campaign: everything it changed is back, and was reviewed."""
    if queries.brief(step.wanted["campaign"]).unreviewed_since:
        note = "Waits until somebody has reviewed that one person approved it alone"
        return Seen(note=note, pending=True, poll_after_s=REVIEW_POLL_S)
    return _seen(_turn(operations.close, step))


@handles("campaigns.amended")
def amended(step: Step) -> Seen:
    """Note that the steps of an amendment are settled."""
    wanted = step.wanted
    made = operations.finish_amendment(
        wanted["amendment"], keys=wanted["keys"], now=timezone.now()
    )
    return Seen({"state": made.state}, f"Amendment {made.number}: {made.state}")
