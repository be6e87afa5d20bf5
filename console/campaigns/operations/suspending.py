"""Suspending an armed plan when what it depends on changes, and releasing it."""

from __future__ import annotations

import time
from datetime import datetime

from console.audit.operations import operation, record
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import locked
from console.campaigns.queries import obstacles
from console.campaigns.rules import SUSPENDABLE
from console.runbook import operations as runbook

BUDGET_S = 5.0
"""Seconds one look at all armed plans takes; the next goes on where it ended."""


@operation()
def recheck(code: str, *, now: datetime) -> Campaign:
    """Suspend an armed plan that may not open as it is; release one that may again.

    Looked at twice, nothing more happens. A plan that is not armed is left alone.
    """
    campaign = locked(code)
    if campaign.state in SUSPENDABLE:
        looked(campaign, now=now)
    return campaign


def looked(campaign: Campaign, *, now: datetime) -> bool:
    """Look at a locked plan, and mark what was found; True if it is suspended."""
    why = ". ".join(obstacles.found(campaign, now=now))
    was, campaign.checked_at = campaign.suspended_why, now
    campaign.suspended_why = why
    campaign.suspended_at = (campaign.suspended_at or now) if why else None
    campaign.save(update_fields=["suspended_at", "suspended_why", "checked_at"])
    if why != was:
        _tell(campaign, was, now=now)
    return bool(why)


def _tell(campaign: Campaign, was: str, *, now: datetime) -> None:
    """Close or open the gate before its opening steps, and say so in the trail."""
    if why := campaign.suspended_why:
        runbook.hold(campaign.plan, reason=f"Suspended: {why}", now=now)
        record(None, "campaign.suspend", campaign, now=now, reason=why)
    else:
        runbook.release(campaign.plan)
        record(None, "campaign.release", campaign, now=now, reason=f"No more: {was}")


def recheck_during(start: datetime, end: datetime, *, now: datetime) -> None:
    """Look at the armed plans that would run in [start, end)."""
    for code in obstacles.during(start, end):
        recheck(code, now=now)


def recheck_some(*, now: datetime) -> int:
    """Look at armed plans, the longest unchecked first, for some seconds; how many."""
    until, count = time.monotonic() + BUDGET_S, 0
    for code in obstacles.longest_unchecked():
        recheck(code, now=now)
        count += 1
        if time.monotonic() > until:
            break
    return count
