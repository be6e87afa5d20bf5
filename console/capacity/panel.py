"""What a campaign's capacity page shows: services, cost, providers, drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from console.capacity import queries, rules
from console.capacity.models import Forecast, MachineGroup
from console.capacity.queries import Need
from console.providers import queries as providers
from console.providers.queries import ConnectionLine
from console.runbook.models import Step
from console.runbook.rules import State

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Service:
    """One service in a sale: what it needs, what it has, what that costs.

    base: the floor without the sale; None until it was read once.
    up_at, down_at: from when to when it is raised, as planned or as it happened.
    """

    need: Need
    group: MachineGroup | None
    base: int | None
    up_at: datetime
    down_at: datetime
    raised: bool
    lowered: bool

    @property
    def serving(self) -> int | None:
        """Instances that serve now; None until they were counted once."""
        return self.group.serving if self.group else None

    @property
    def seen_at(self) -> datetime | None:
        """When they were counted."""
        return self.group.seen_at if self.group else None

    @property
    def extra(self) -> int | None:
        """Instances more than without the sale."""
        return None if self.base is None else max(0, self.need.floor - self.base)

    @property
    def hours(self) -> Decimal:
        """How long they stay."""
        return max(Decimal(0), Decimal((self.down_at - self.up_at) / HOUR))

    @property
    def cost(self) -> Decimal | None:
        """What the sale costs here; None while the base is unknown."""
        return None if self.extra is None else self.per_hour * self.hours

    @property
    def per_hour(self) -> Decimal:
        """What each hour of it costs."""
        return (self.extra or 0) * self.need.cost_per_hour

    def cost_by(self, now: datetime) -> Decimal:
        """What it has cost so far."""
        if not self.raised:
            return Decimal(0)
        until = min(now, self.down_at) if self.lowered else now
        return self.per_hour * max(Decimal(0), Decimal((until - self.up_at) / HOUR))


@dataclass(frozen=True)
class Panel:
    """Everything on the capacity page of one campaign."""

    campaign: str
    forecast: Forecast
    services: list[Service]
    connections: list[ConnectionLine]
    now: datetime

    @property
    def currency(self) -> str:
        """The currency of the profiles; the first one's, if they differ."""
        return self.services[0].need.currency if self.services else "EUR"

    @property
    def cost(self) -> Decimal | None:
        """What the plan costs if it is reverted in time."""
        costs = [service.cost for service in self.services]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if len(known) == len(costs) else None

    @property
    def so_far(self) -> Decimal:
        """What it has cost by now."""
        costs = (service.cost_by(self.now) for service in self.services)
        return sum(costs, Decimal(0))

    @property
    def half_hour(self) -> Decimal:
        """What each half hour without a revert adds."""
        hours = (service.per_hour for service in self.services)
        return sum(hours, Decimal(0)) / 2

    @property
    def elevated(self) -> list[Service]:
        """Services still raised though the sale and its cool-off are over."""
        return [
            one
            for one in self.services
            if one.raised and not one.lowered and self.now >= one.down_at
        ]

    @property
    def problems(self) -> list[str]:
        """What stands in the way, and what was found changed."""
        needs = [one.need.problem for one in self.services]
        groups = [one.group.trouble for one in self.services if one.group]
        return [text for text in needs + groups if text]


def panel(campaign: str, *, now: datetime) -> Panel | None:
    """The capacity page of a campaign; None if nobody forecast it yet."""
    forecast = Forecast.objects.filter(campaign=campaign).first()
    if forecast is None:
        return None
    groups = {(row.connection, row.name): row for row in MachineGroup.objects.all()}
    steps = _steps(campaign)
    services = [
        _service(need, forecast, groups, steps)
        for need in queries.needs(forecast.peak_rps)
    ]
    return Panel(campaign, forecast, services, providers.connections(), now)


def plan_of(campaign: str) -> str:
    """The name of a campaign's run sheet."""
    return f"campaign:{campaign}"


@dataclass(frozen=True)
class _Raised:
    """The step that raises a group, and when its revert is planned."""

    step: Step
    back_at: datetime | None


def _steps(campaign: str) -> dict[tuple[str, str], _Raised]:
    kinds = ["capacity.raise_floor", "runbook.revert"]
    steps = Step.objects.filter(plan=plan_of(campaign), kind__in=kinds).order_by("pk")
    back = {
        key: step.due_at
        for step in steps
        if step.kind == "runbook.revert"
        for key in step.wanted.get("keys", [])
    }
    return {
        (step.wanted["connection"], step.wanted["group"]): _Raised(
            step, back.get(step.key)
        )
        for step in steps
        if step.kind != "runbook.revert"
    }


def _service(
    need: Need,
    forecast: Forecast,
    groups: Mapping[tuple[str, str], MachineGroup],
    steps: Mapping[tuple[str, str], _Raised],
) -> Service:
    where = (need.connection, need.group)
    group, planned = groups.get(where), steps.get(where)
    step = planned.step if planned else None
    back_at = planned.back_at if planned else None
    length = forecast.closes_at - forecast.opens_at
    raised = step is not None and step.started_at is not None
    lowered = step is not None and step.state == State.REVERTED
    planned_up = forecast.opens_at - rules.FLOOR_BEFORE
    return Service(
        need=need,
        group=group,
        base=_base(group, step),
        up_at=_up_at(step) or planned_up,
        down_at=_down_at(step, lowered)
        or back_at
        or forecast.closes_at + rules.cool_off(length),
        raised=raised,
        lowered=lowered,
    )


def _base(group: MachineGroup | None, step: Step | None) -> int | None:
    if step is not None and step.before:
        return int(step.before["floor"])
    if group is None:
        return None
    return group.floor if group.base is None else group.base


def _up_at(step: Step | None) -> datetime | None:
    return (step.started_at or step.due_at) if step else None


def _down_at(step: Step | None, lowered: bool) -> datetime | None:
    return step.finished_at if step and lowered else None
