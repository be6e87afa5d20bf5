"""What came in: totals, curves, paces and the newest orders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DecimalField,
    F,
    Func,
    Max,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from console.orders.models import Order, OrderLine
from console.orders.rules import Issue

MINUTE = timedelta(minutes=1)


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


def totals(campaign: str, *, now: datetime) -> Totals:
    """Orders, units and revenue of a campaign until now."""
    found = Order.objects.of(campaign).aggregate(
        orders=Count("pk"),
        units=Coalesce(Sum("units"), 0),
        revenue=Coalesce(Sum("total"), Decimal(0)),
        per_minute=Count("pk", filter=Q(accepted_at__gt=now - MINUTE)),
        last_at=Max("accepted_at"),
    )
    return Totals(**found)


def shortfall(campaign: str) -> int:
    """Paid units of a campaign that are not there."""
    short = Order.objects.of(campaign).filter(issue=Issue.SHORTFALL)
    return int(short.aggregate(units=Sum("shortfall"))["units"] or 0)


def series(
    campaign: str, *, since: datetime, until: datetime, bucket_s: int
) -> list[Point]:
    """Orders of a campaign in buckets from `since`, empty ones included, to `until`."""
    step = timedelta(seconds=bucket_s)
    rows = (
        Order.objects.of(campaign)
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


def newest(campaign: str | None = None, *, limit: int = 2_000) -> list[dict[str, Any]]:
    """The newest orders in few words, JSON-safe but for instants and money."""
    orders = Order.objects.of(campaign)
    fields = (
        "ref", "source", "campaign", "units", "total", "currency", "placed_at",
        "accepted_at", "issue", "shortfall",
    )  # fmt: skip
    return list(orders.order_by("-accepted_at", "-pk").values(*fields)[:limit])
