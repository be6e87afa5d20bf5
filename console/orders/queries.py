"""Reads of orders: totals, curves, backlog, and whether each is accounted for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DecimalField,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from console.orders import rules
from console.orders.models import Destination, Order, OrderLine, Outbox
from console.orders.rules import WAITING, Drain, Issue, Outgoing

MINUTE = timedelta(minutes=1)
MOST_LISTED = 500


@dataclass(frozen=True)
class Totals:
    """What a campaign took, at one instant.

    per_minute: orders accepted in the last 60 s. last_at: None if there are none.
    """

    orders: int
    units: int
    revenue: Decimal
    per_minute: int
    last_at: datetime | None


@dataclass(frozen=True)
class Point:
    """Orders accepted in one bucket that begins at `at`."""

    at: datetime
    orders: int
    units: int
    revenue: Decimal


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
class Reconciliation:
    """accepted = relayed + queued + dead + missing, always.

    An order counts as relayed once every destination has it. missing: references that
    a destination should have but nobody is sending, or that it says it does not know;
    at most 500 are listed, `lost` counts them all.
    """

    accepted: int
    relayed: int
    queued: int
    dead: int
    lost: int
    missing: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """True if no order is unaccounted for."""
        return self.lost == 0


@dataclass(frozen=True)
class Flow:
    """One destination: how it stands, and what waits for it."""

    destination: Destination
    waiting: int
    dead: int
    sent: int
    lost: int
    oldest_at: datetime | None
    drain: Drain
    held: bool

    @property
    def state(self) -> str:
        """The word for it: paused, held or open."""
        if self.destination.paused:
            return "paused"
        return "held" if self.held else "open"


def totals(campaign: str, *, now: datetime) -> Totals:
    """Orders, units and revenue of a campaign until now."""
    found = _of(campaign).aggregate(
        orders=Count("pk"),
        units=Coalesce(Sum("units"), 0),
        revenue=Coalesce(Sum("total"), Decimal(0)),
        per_minute=Count("pk", filter=Q(accepted_at__gt=now - MINUTE)),
        last_at=Max("accepted_at"),
    )
    return Totals(**found)


def shortfall(campaign: str) -> int:
    """Paid units of a campaign that are not there."""
    short = _of(campaign).filter(issue=Issue.SHORTFALL)
    return int(short.aggregate(units=Sum("shortfall"))["units"] or 0)


def series(
    campaign: str, *, since: datetime, until: datetime, bucket_s: int
) -> list[Point]:
    """Orders of a campaign in buckets from `since`, empty ones included, to `until`."""
    step = timedelta(seconds=bucket_s)
    rows = (
        _of(campaign)
        .filter(accepted_at__gte=since, accepted_at__lt=until)
        .values(at=_bin(step, since))
        .annotate(orders=Count("pk"), sold=Sum("units"), revenue=Sum("total"))
    )
    found = {
        row["at"]: Point(row["at"], row["orders"], row["sold"], row["revenue"])
        for row in rows
    }
    count = max(0, -((since - until) // step))
    instants = [since + n * step for n in range(count)]
    return [found.get(at) or Point(at, 0, 0, Decimal(0)) for at in instants]


def _bin(step: timedelta, since: datetime, path: str = "") -> Func:
    """The bucket an order falls into, counted from `since`."""
    return Func(
        Value(step),
        F(f"{path}accepted_at"),
        Value(since),
        function="date_bin",
        output_field=DateTimeField(),
    )


def paces(
    campaign: str, *, since: datetime, until: datetime, bucket_s: int
) -> dict[str, list[tuple[datetime, int]]]:
    """Units of each SKU in buckets from `since`; those without units are left out."""
    rows = (
        OrderLine.objects.filter(
            order__campaign=campaign,
            order__accepted_at__gte=since,
            order__accepted_at__lte=until,
        )
        .values_list("sku", _bin(timedelta(seconds=bucket_s), since, "order__"))
        .annotate(Sum("units"))
    )
    found: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for sku, at, units in rows:
        found[sku].append((at, units))
    return found


def takings_by_sku(campaign: str) -> dict[str, tuple[int, Decimal]]:
    """Units and money by SKU code, of the whole campaign."""
    lines = OrderLine.objects.filter(order__campaign=campaign)
    money = Sum(F("units") * F("price"), output_field=DecimalField())
    rows = lines.values_list("sku").annotate(Sum("units"), money=money)
    return {sku: (units, paid) for sku, units, paid in rows}


def backlog(campaign: str | None = None, *, now: datetime) -> Backlog:
    """What waits to go out, how fast it goes and when it is gone.

    With several destinations the slowest decides.
    """
    inflow = inflow_per_s(campaign, now=now)
    return _summed(_flows(campaign, inflow, now), inflow)


def summed(flows: Sequence[Flow], campaign: str | None, *, now: datetime) -> Backlog:
    """The backlog of these flows."""
    return _summed(flows, inflow_per_s(campaign, now=now))


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
    """Every destination with its counts, by name."""
    return _flows(campaign, inflow_per_s(campaign, now=now), now)


def _flows(campaign: str | None, inflow: float, now: datetime) -> list[Flow]:
    mine = Q(order__campaign=campaign) if campaign is not None else Q()
    counted = _by_destination(Outbox.objects.filter(mine))
    found = []
    for one in Destination.objects.order_by("name", "pk"):
        row = counted.get(one.pk, {})
        waiting = row.get("waiting", 0)
        drain = rules.drain(waiting, rate=_rate(one), inflow=inflow)
        found.append(
            Flow(
                destination=one,
                waiting=waiting,
                dead=row.get("dead", 0),
                sent=row.get("sent", 0),
                lost=row.get("lost", 0),
                oldest_at=row.get("oldest_at"),
                drain=drain,
                held=_held(one, now),
            )
        )
    return found


def inflow_per_s(campaign: str | None = None, *, now: datetime) -> float:
    """Orders accepted per second, over the last minute."""
    orders = Order.objects.all() if campaign is None else _of(campaign)
    return (
        orders.filter(accepted_at__gt=now - MINUTE, accepted_at__lte=now).count() / 60
    )


def reconciliation(campaign: str | None = None) -> Reconciliation:
    """Whether every accepted order is relayed, on its way, or a dead letter."""
    counts = _judged(campaign).aggregate(
        accepted=Count("pk"),
        dead=Count("pk", filter=Q(is_dead=True, is_lost=False)),
        queued=Count("pk", filter=Q(is_waiting=True, is_dead=False, is_lost=False)),
        lost=Count("pk", filter=Q(is_lost=True)),
    )
    relayed = counts["accepted"] - counts["dead"] - counts["queued"] - counts["lost"]
    missing: Iterable[str] = ()
    if counts["lost"]:
        missing = missing_orders(campaign).values_list("ref", flat=True)[:MOST_LISTED]
    return Reconciliation(**counts, relayed=relayed, missing=tuple(missing))


def missing_orders(campaign: str | None = None) -> QuerySet[Any]:
    """Orders that a destination should have, but has not and is not sent."""
    return _judged(campaign).filter(is_lost=True).order_by("accepted_at", "pk")


def newest(campaign: str | None = None, *, limit: int = 2_000) -> list[dict[str, Any]]:
    """The newest orders in few words, JSON-safe but for instants and money."""
    orders = Order.objects.all() if campaign is None else _of(campaign)
    fields = (
        "ref", "source", "campaign", "units", "total", "currency", "placed_at",
        "accepted_at", "issue", "shortfall",
    )  # fmt: skip
    return list(orders.order_by("-accepted_at", "-pk").values(*fields)[:limit])


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


def _of(campaign: str) -> QuerySet[Order]:
    return Order.objects.filter(campaign=campaign)


def _judged(campaign: str | None) -> QuerySet[Any]:
    """Orders with what their rows say: waiting, dead, lost."""
    orders = Order.objects.all() if campaign is None else _of(campaign)
    rows = Outbox.objects.filter(order=OuterRef("pk"))
    row = Outbox.objects.filter(
        order=OuterRef(OuterRef("pk")), destination=OuterRef("pk")
    )
    unsent = Destination.objects.filter(
        ~Exists(row), since__lte=OuterRef("accepted_at")
    )
    denied = rows.filter(state=Outgoing.SENT, lost_at__isnull=False)
    return orders.annotate(
        is_waiting=Exists(rows.filter(state__in=WAITING)),
        is_dead=Exists(rows.filter(state=Outgoing.DEAD)),
        is_lost=Exists(denied) | Exists(unsent) | ~Exists(rows),
    )


def _by_destination(rows: QuerySet[Outbox]) -> dict[int, dict[str, Any]]:
    waiting = Q(state__in=WAITING)
    counted = rows.values("destination").annotate(
        waiting=Count("pk", filter=waiting),
        dead=Count("pk", filter=Q(state=Outgoing.DEAD)),
        sent=Count("pk", filter=Q(state=Outgoing.SENT)),
        lost=Count("pk", filter=Q(lost_at__isnull=False)),
        oldest_at=Min("order__accepted_at", filter=waiting),
    )
    return {row["destination"]: dict(row) for row in counted}


def _rate(destination: Destination) -> float:
    return 0.0 if destination.paused else destination.rate_per_s


def _held(destination: Destination, now: datetime) -> bool:
    return destination.held_until is not None and destination.held_until > now


def _slowness(flow: Flow) -> float:
    return inf if flow.drain.seconds is None else flow.drain.seconds
