"""The kinds of step of this room: fence the stock, let holds drain, give it back."""

from __future__ import annotations

from contextlib import suppress

from console import words
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step
from console.stock import clock, operations, queries

DRAIN_POLL_S = 1.0
REPLAY_POLL_S = 0.5
BUSY_POLL_S = 1.0
BY_PLAN = "run sheet"


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


def _busy(told: dict[str, object]) -> Seen:
    """Somebody moves this stock for longer than we wait: look again, however often."""
    note = "Waiting for whoever is changing the same stock"
    return Seen(told, note, pending=True, poll_after_s=BUSY_POLL_S)


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
    except operations.StockBusy:
        return _busy({})
    told = queries.outcome(campaign)
    return Seen(
        {"sold": told.sold, "unsold": told.unsold},
        f"{words.count(told.unsold, 'unit')} given back, {told.sold:,} sold",
        progress=1.0,
    )


def _drop(step: Step) -> Seen:
    """Let others write again, and wait until what was parked is booked."""
    campaign, now = step.wanted["campaign"], clock.now()
    try:
        operations.drop_fence(campaign, actor=None, now=now, reason=BY_PLAN)
    except operations.StockBusy:
        return _busy({})
    with suppress(operations.StockBusy):
        operations.book_due(now=now)
    found = queries.fence_of(campaign)
    if found is None:
        return Seen({"parked": 0}, "No fence was up", progress=1.0)
    told = {"parked": found.parked, "differing": found.differing}
    if found.parked:
        note = f"{words.count(found.parked, 'parked movement')} to book"
        return Seen(told, note, pending=True, poll_after_s=REPLAY_POLL_S)
    note = f"{words.count(found.replayed, 'parked movement')} settled"
    if found.differing:
        note += f", {found.differing:,} to look at on the Stock tab"
    return Seen(told, note, progress=1.0)


@handles("stock.raise_fence", revert=_drop)
def raise_fence(step: Step) -> Seen:
    """Keep others from writing the stock of the sale; up before, it reads back."""
    campaign = step.wanted["campaign"]
    try:
        operations.raise_fence(campaign, actor=None, now=clock.now(), reason=BY_PLAN)
    except operations.NothingLocked:
        return Seen({"up": False}, "Nothing is locked, so nothing is fenced")
    except operations.StockBusy:
        return _busy({"up": False})
    return Seen({"up": True}, "Other writers are kept out", progress=1.0)


@handles("stock.drop_fence")
def drop_fence(step: Step) -> Seen:
    """Let others write again, once what they told meanwhile is booked."""
    return _drop(step)
