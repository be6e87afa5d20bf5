"""Everything a report holds, read once, as plain values that can be stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from console.campaigns.models import Line
from console.campaigns.queries import Brief
from console.campaigns.rules import OVER
from console.capacity.panel import panel
from console.orders import queries as orders
from console.orders.models import Order
from console.report import relay, rules
from console.report.ledger import certificate
from console.report.standing import iso, plain, plan_of, standing
from console.report.undone import undone
from console.runbook.models import Step

MINUTE = timedelta(minutes=1)
TAIL = timedelta(hours=1)
"""Orders later than this after the end count, but do not stretch the curve."""


def facts(sale: Brief, *, now: datetime) -> dict[str, Any]:
    """The whole report of a sale at one instant."""
    steps = list(Step.objects.of(plan_of(sale.code)))
    told = standing(sale, now=now)
    return {
        "standing": told,
        "zone": sale.zone,
        "target": plain(sale.revenue_target) if sale.revenue_target else None,
        "peak_per_minute": sale.expected_orders_peak,
        "offers": _offers(sale.code),
        "demand": _demand(sale, told["orders_accepted"], now),
        "relay": relay.story(sale.code, since=_start(sale), now=now),
        "steps": [_step(step) for step in steps],
        "undone": undone(steps),
        "cost": _cost(sale.code, now),
        "certificate": certificate(sale.code) if sale.state in OVER else None,
    }


def _start(sale: Brief) -> datetime | None:
    return sale.opened_at or sale.opens_at


def _offers(code: str) -> dict[str, list[str]]:
    """Regular and sale price of each SKU."""
    rows = Line.objects.filter(campaign__code=code).order_by("sku__code")
    prices = rows.values_list("sku__code", "regular_price", "sale_price")
    return {sku: [plain(regular), plain(sale)] for sku, regular, sale in prices}


def _demand(sale: Brief, count: int, now: datetime) -> dict[str, Any] | None:
    """Orders in buckets from the opening; None before it."""
    since = _start(sale)
    if since is None or sale.closes_at is None or now < since or not sale.opened_at:
        return None
    end = min(now, max(sale.ended_at or sale.closes_at, since + MINUTE))
    length_s = (sale.closes_at - since).total_seconds()
    width = rules.width_s((end - since).total_seconds())
    if length_s >= rules.PER_MINUTE_FROM_S:
        width = max(60, width)
    until = max(end, since + timedelta(seconds=width))
    points = orders.series(sale.code, since=since, until=until, bucket_s=width)
    return {
        "since": iso(since),
        "length_s": round(length_s, 3),
        "bucket_s": width,
        "orders": [point.orders for point in points],
        "first_minute": _first_minute(sale.code, since),
        "busiest": _busiest(sale.code, since, until + TAIL),
        "half_after_s": _half_after_s(sale.code, count, since),
    }


def _first_minute(code: str, since: datetime) -> int:
    first = Order.objects.filter(campaign=code, accepted_at__gte=since)
    return first.filter(accepted_at__lt=since + MINUTE).count()


def _busiest(code: str, since: datetime, until: datetime) -> dict[str, Any] | None:
    """The minute, counted from the opening, with the most orders."""
    minutes = orders.series(code, since=since, until=until, bucket_s=60)
    top = max(minutes, key=lambda point: point.orders, default=None)
    if top is None or not top.orders:
        return None
    return {"at": iso(top.at), "orders": top.orders}


def _half_after_s(code: str, count: int, since: datetime) -> float | None:
    """Seconds from the opening until half of the orders were in."""
    place = rules.median_place(count)
    if place is None:
        return None
    in_turn = Order.objects.filter(campaign=code).order_by("accepted_at", "pk")
    at = in_turn.values_list("accepted_at", flat=True)[place : place + 1].first()
    return round(max(0.0, (at - since).total_seconds()), 1) if at else None


def _step(step: Step) -> dict[str, Any]:
    took, late = step.took_s, step.lateness_s
    return {
        "title": step.title,
        "target": step.target,
        "t_offset_s": step.t_offset_s,
        "due_at": iso(step.due_at),
        "lateness_s": None if late is None else round(late, 3),
        "took_s": None if took is None else round(took, 3),
        "state": str(step.state),
        "tries": step.tries,
        "note": step.error or step.reason or step.note,
    }


def _cost(code: str, now: datetime) -> dict[str, str] | None:
    """What the raised floors cost so far; None if nobody forecast the sale."""
    found = panel(code, now=now)
    if found is None or any(one.extra is None for one in found.services):
        return None
    cost = found.so_far.quantize(Decimal("0.01"))
    return {"amount": str(cost), "currency": found.currency}
