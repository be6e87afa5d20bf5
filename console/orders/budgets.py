"""Watching budgets: a sale whose budget is used up is ended, in order."""

from __future__ import annotations

from datetime import datetime

from console.campaigns import operations as campaigns
from console.campaigns.rules.budgets import used_up
from console.orders.queries.spent import budget, budgeted


def watch(*, now: datetime) -> int:
    """End every running sale that has used one of its budgets up; how many."""
    ended = 0
    for sale in budgeted():
        if use := used_up(budget(sale)):
            campaigns.exhaust(sale.code, use, now=now)
            ended += 1
    return ended
