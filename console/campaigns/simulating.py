"""A sale run on paper: when each step starts and ends, and how long its units last.

What each step takes is what the like of it took before; whoever knows better, such as a
lead time of capacity, is asked where there is no past. There is no model of demand: the
units are held against the busiest minute the plan expects, the whole sale long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Sum

from console.campaigns import foreseeing
from console.campaigns.models import Campaign
from console.campaigns.rules import HOLDS_STOCK
from console.capacity import queries as capacity
from console.capacity.rules import Demand
from console.runbook import pacing
from console.runbook import queries as runbook
from console.runbook.models import Step
from console.runbook.pacing import Foreseen, Pace
from console.runbook.rules import Policy, State
from console.stock import queries as stock

OPEN = "campaigns.open"


@dataclass(frozen=True)
class Stock:
    """The units of a sale at the pace of its busiest minute.

    out_at: the soonest they could be gone; None if they outlast the sale, or nothing is
    expected.
    """

    units: int
    peak_per_minute: int
    out_at: datetime | None


@dataclass(frozen=True)
class Simulation:
    """A sale as it would run from now on.

    moments: each step with its course, in the order they start. opens_at: None where
    the opening is done, or waits for something that never comes. stuck: steps that come
    after one that failed and blocks.
    """

    campaign: Campaign
    moments: Sequence[tuple[Step, Foreseen]]
    opens_at: datetime | None
    opens_late_s: float
    over_at: datetime | None
    stuck: Sequence[Step]
    stock: Stock


def simulate(campaign: Campaign, *, now: datetime) -> Simulation:
    """Run what is ahead of a sale on paper; nothing is written.

    Raises:
        WrongState, NoWindow: as of `foreseeing.steps_ahead`.
        FloorAboveMaximum, TooManyConnections: the backend cannot carry the sale.
    """
    steps = foreseeing.steps_ahead(campaign, now=now)
    by_key = {step.key: step for step in steps}
    never = Step.objects.filter(
        plan=campaign.plan, state=State.FAILED, policy=Policy.BLOCKER
    )
    keys = set(never.values_list("key", flat=True))
    ran = pacing.foresee(steps, _paces(campaign, by_key), now=now, never=keys)
    opening = next((one for one in ran if by_key[one.key].kind == OPEN), None)
    known = {one.key for one in ran}
    return Simulation(
        campaign,
        [(by_key[one.key], one) for one in ran],
        opening.starts_at if opening else None,
        opening.late_s if opening else 0.0,
        max((one.ends_at for one in ran), default=None),
        [step for step in steps if step.key not in known],
        _stock(campaign, opening.starts_at if opening else now, now),
    )


def _paces(campaign: Campaign, steps: dict[str, Step]) -> Callable[[str], Pace | None]:
    past = runbook.seconds_taken({step.kind for step in steps.values()})
    demand = Demand.from_orders(campaign.expected_orders_peak)
    leads = {
        f"{need.connection}/{need.group}": need.lead_time_s
        for need in capacity.needs(demand.peak_rps)
    }

    def pace(key: str) -> Pace | None:
        step = steps[key]
        if (step.kind, step.target) in past:
            seconds, count = past[step.kind, step.target]
            return Pace(seconds, f"p95 of {count} before")
        if step.kind == "capacity.raise_floor" and step.target in leads:
            return Pace(leads[step.target], "lead time of its profile")
        if step.kind == "stock.drain_holds":
            return Pace(campaign.hold_ttl_s, "longest hold of a checkout")
        return None

    return pace


def _stock(campaign: Campaign, opens_at: datetime, now: datetime) -> Stock:
    units, peak = _units(campaign, now), campaign.expected_orders_peak
    assert campaign.closes_at
    if not peak:
        return Stock(units, peak, None)
    out_at = opens_at + timedelta(minutes=units / peak)
    return Stock(units, peak, out_at if out_at < campaign.closes_at else None)


def _units(campaign: Campaign, now: datetime) -> int:
    """What its locks have for sale; before they are taken, what its lines ask for."""
    if campaign.state in HOLDS_STOCK:
        return sum(one.for_sale for one in stock.counters(campaign.code, now=now))
    total = campaign.lines.aggregate(units=Sum(F("units") - F("buffer")))["units"]
    return int(total or 0)
