"""The kinds of step of this room: let holds drain, give stock back."""

from __future__ import annotations

from console import words
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step
from console.stock import clock, operations, queries

DRAIN_POLL_S = 1.0


@handles("stock.drain_holds")
def drain_holds(step: Step) -> Seen:
    """Wait until every hold of the campaign was paid, given back or has expired."""
    holds = queries.active_holds(step.wanted["campaign"], now=clock.now())
    if holds:
        return _still_held(holds)
    return Seen({"holds": 0}, "No active holds", progress=1.0)


def _still_held(holds: int) -> Seen:
    note = f"{holds:,} {'hold' if holds == 1 else 'holds'} still active"
    return Seen({"holds": holds}, note, pending=True, poll_after_s=DRAIN_POLL_S)


@handles("stock.return_units")
def return_units(step: Step) -> Seen:
    """Give allocation and buffer back to their locations; done before, it reads back.

    A hold that is being paid at this very moment only means: look again.
    """
    campaign, now = step.wanted["campaign"], clock.now()
    try:
        operations.return_units(campaign, actor=None, now=now)
    except operations.HoldsActive as held:
        return _still_held(held.detail["units"])
    told = queries.outcome(campaign)
    return Seen(
        {"sold": told.sold, "unsold": told.unsold},
        f"{words.count(told.unsold, 'unit')} given back, {told.sold:,} sold",
        progress=1.0,
    )
