"""Reads of this room: what each service needs, what a campaign's page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.capacity import rules
from console.capacity.models import Forecast, LeadTime, ServiceProfile
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
    profiles = ServiceProfile.objects.filter(enabled=True).order_by("position", "pk")
    measured = lead_times()
    return [
        _need(one, peak_rps, measured.get((one.connection, one.group), []))
        for one in profiles
    ]


LEADS_MOST = 500


def lead_times() -> dict[tuple[str, str], list[float]]:
    """How long each group took lately, in seconds, by connection and name."""
    found: dict[tuple[str, str], list[float]] = {}
    rows = LeadTime.objects.order_by("-at", "-pk")[:LEADS_MOST]
    for connection, name, seconds in rows.values_list(
        "of__connection", "of__name", "seconds"
    ):
        found.setdefault((connection, name), []).append(seconds)
    return found


def _need(profile: ServiceProfile, peak_rps: float, measured: Sequence[float]) -> Need:
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
        lead_time_s=rules.lead_s(profile.lead_time_s, measured),
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
