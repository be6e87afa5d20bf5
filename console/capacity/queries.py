"""Reads of this room: what each service needs, what a campaign's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.capacity import rules
from console.capacity.models import Forecast, ServiceProfile
from console.errors import Refusal


@dataclass(frozen=True)
class Need:
    """What one service needs at a peak. floor: what is asked of its group.

    connections: at the group's maximum, for that is when they run out.
    each_carries: requests of shoppers one instance carries, at the share we use of it.
    """

    service: str
    title: str
    connection: str
    group: str
    rps: float
    in_flight: float
    floor: int
    maximum: int
    lead_time_s: float
    connections: int
    connection_limit: int
    connection_reserve: int
    cost_per_hour: Decimal
    currency: str
    each_carries: float

    @property
    def problem(self) -> str:
        """What stands in the way, in one sentence; empty if nothing does."""
        try:
            self.check()
        except Refusal as refused:
            return refused.message
        return ""

    def check(self) -> None:
        """Refuse what cannot work.

        Raises:
            FloorAboveMaximum: the group may not have so many instances.
            TooManyConnections: its replicas would exhaust the database.
        """
        rules.check_maximum(self.title, self.floor, self.maximum)
        if self.connection_limit:
            rules.check_connections(
                self.title,
                self.connections,
                limit=self.connection_limit,
                reserve=self.connection_reserve,
            )


def needs(peak_rps: float) -> list[Need]:
    """What each service needs for this peak, in the order of the profiles."""
    profiles = ServiceProfile.objects.filter(enabled=True)
    return [_need(profile, peak_rps) for profile in profiles.order_by("position", "pk")]


def _need(profile: ServiceProfile, peak_rps: float) -> Need:
    rps = peak_rps * profile.share
    return Need(
        service=profile.name,
        title=profile.title,
        connection=profile.connection,
        group=profile.group,
        rps=rps,
        in_flight=rules.in_flight(rps, profile.latency_ms / 1000),
        floor=rules.instances(rps, profile.rps_per_instance),
        maximum=profile.maximum,
        lead_time_s=profile.lead_time_s,
        connections=rules.connections(profile.pool, profile.workers, profile.maximum),
        connection_limit=profile.connection_limit,
        connection_reserve=profile.connection_reserve,
        cost_per_hour=profile.cost_per_hour,
        currency=profile.currency,
        each_carries=profile.rps_per_instance * rules.RHO / profile.share,
    )


def profiles() -> list[ServiceProfile]:
    """Every profile, in order."""
    return list(ServiceProfile.objects.order_by("position", "pk"))


def nearest(*, now: datetime) -> str:
    """The campaign that runs now, else the next, else the last; empty for none."""
    rows = Forecast.objects
    ahead = rows.filter(closes_at__gt=now).order_by("opens_at", "pk").first()
    found = ahead or rows.order_by("-closes_at", "-pk").first()
    return found.campaign if found else ""
