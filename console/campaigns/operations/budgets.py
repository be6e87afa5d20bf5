"""Ending a sale whose budget is used up, in order and once."""

from __future__ import annotations

from datetime import datetime

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import locked
from console.campaigns.operations.ends import end_at_once
from console.campaigns.rules import Event
from console.campaigns.rules.budgets import Use


@operation()
def exhaust(code: str, use: Use, *, now: datetime) -> Campaign:
    """Wind a sale down because a budget is used up; one that has ended stays as it is.

    Checkouts under way may finish, so at most what they hold goes beyond the budget.
    """
    campaign = locked(code)
    if not rules.allows(campaign.state, Event.END):
        return campaign
    end_at_once(campaign, actor=None, now=now)
    campaign.exhausted_by = use.key
    campaign.save(update_fields=["exhausted_by"])
    told = {"budget": use.key, "used": str(use.used), "limit": str(use.limit)}
    reason = f"{use.name}: the budget is used up"
    record(None, "campaign.exhaust", campaign, now=now, after=told, reason=reason)
    return campaign
