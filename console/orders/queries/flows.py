"""What goes out: the backlog of each destination, and when it is gone.

Only what is not settled is counted, by partial indexes: the sampler asks twice a
second, however many orders have been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from django.db.models import Count, Max, Min, Q

from console.orders import rules
from console.orders.models import Destination, Order, Outbox
from console.orders.rules import WAITING, Drain, Outgoing

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Backlog:
    """Orders on their way out. rate, inflow: orders per second.

    oldest_at: when the longest waiting was accepted; None if none waits.
    """

    waiting: int
    dead: int
    oldest_at: datetime | None
    rate: float
    inflow: float
    drain: Drain
    paused: tuple[str, ...]
    held: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """One destination: how it stands, and what waits for it.

    lost: sent, but it says it does not have them. sent: those it has; None where
    nobody asked.
    """

    destination: Destination
    waiting: int
    dead: int
    lost: int
    oldest_at: datetime | None
    drain: Drain
    held: bool
    sent: int | None = None

    @property
    def state(self) -> str:
        """The word for it: paused, held or open."""
        if self.destination.paused:
            return "paused"
        return "held" if self.held else "open"


def backlog(campaign: str | None = None, *, now: datetime) -> Backlog:
    """What waits to go out, how fast it goes and when it is gone.

    With several destinations the slowest decides.
    """
    inflow = inflow_per_s(campaign, now=now)
    return _summed(_flows(campaign, inflow, now), inflow)


def _summed(flows: Sequence[Flow], inflow: float) -> Backlog:
    slowest = max(flows, key=_slowness, default=None)
    return Backlog(
        waiting=max((one.waiting for one in flows), default=0),
        dead=sum(one.dead for one in flows),
        oldest_at=min((f.oldest_at for f in flows if f.oldest_at), default=None),
        rate=min((_rate(one.destination) for one in flows), default=0.0),
        inflow=inflow,
        drain=slowest.drain if slowest else Drain(0.0),
        paused=tuple(f.destination.name for f in flows if f.destination.paused),
        held=tuple(f.destination.name for f in flows if f.held),
    )


def flows(campaign: str | None = None, *, now: datetime) -> list[Flow]:
    """Every destination with what is on its way there, by name."""
    return _flows(campaign, inflow_per_s(campaign, now=now), now)


def panel(campaign: str | None, *, now: datetime) -> tuple[Backlog, list[Flow]]:
    """The backlog, and every destination also with how many orders it has.

    What it has is one count of all rows.
    """
    inflow = inflow_per_s(campaign, now=now)
    found = _flows(campaign, inflow, now)
    rows = Outbox.objects.of(campaign).values_list("destination")
    count = dict(rows.annotate(rows=Count("*")))
    there = [
        replace(one, sent=count.get(one.destination.pk, 0) - _unsettled(one))
        for one in found
    ]
    return _summed(found, inflow), there


def _unsettled(flow: Flow) -> int:
    return flow.waiting + flow.dead + flow.lost


def _flows(campaign: str | None, inflow: float, now: datetime) -> list[Flow]:
    counted = _by_destination(campaign)
    found = []
    for one in Destination.objects.order_by("name", "pk"):
        row = counted.get(one.pk, {})
        waiting = row.get("waiting", 0)
        found.append(
            Flow(
                destination=one,
                waiting=waiting,
                dead=row.get("dead", 0),
                lost=row.get("lost", 0),
                oldest_at=row.get("oldest_at"),
                drain=rules.drain(waiting, rate=_rate(one), inflow=inflow),
                held=one.held_until is not None and one.held_until > now,
            )
        )
    return found


def _by_destination(campaign: str | None) -> dict[int, dict[str, Any]]:
    waiting = Q(state__in=WAITING)
    rows = Outbox.objects.of(campaign).unsettled().values("destination")
    counted = rows.annotate(
        waiting=Count("pk", filter=waiting),
        dead=Count("pk", filter=Q(state=Outgoing.DEAD)),
        lost=Count("pk", filter=Q(state=Outgoing.SENT)),
        oldest_at=Min("order__accepted_at", filter=waiting),
    )
    return {row["destination"]: dict(row) for row in counted}


def inflow_per_s(campaign: str | None = None, *, now: datetime) -> float:
    """Orders accepted per second, over the last minute."""
    orders = Order.objects.of(campaign)
    return (
        orders.filter(accepted_at__gt=now - MINUTE, accepted_at__lte=now).count() / 60
    )


def dead_by_cause() -> list[tuple[str, str, str, int]]:
    """Dead letters by destination and kind of failure: both, an example, how many."""
    rows = (
        Outbox.objects.filter(state=Outgoing.DEAD)
        .values_list("destination__name", "error_kind")
        .annotate(Max("error"), count=Count("pk"))
        .order_by("-count", "destination__name", "error_kind")
    )
    return [(name, kind, told, count) for name, kind, told, count in rows]


def paused() -> list[str]:
    """The names of destinations that a person paused."""
    found = Destination.objects.filter(paused=True).order_by("name")
    return list(found.values_list("name", flat=True))


def _rate(destination: Destination) -> float:
    return 0.0 if destination.paused else destination.rate_per_s


def _slowness(flow: Flow) -> float:
    return inf if flow.drain.seconds is None else flow.drain.seconds
