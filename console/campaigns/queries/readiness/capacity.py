"""What capacity says about the crowd a plan expects."""

from __future__ import annotations

from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Section,
    counted,
    ordered,
)
from console.capacity import queries as capacity
from console.capacity.queries import Need
from console.capacity.rules import Demand, arrivals_per_s

POINTS = 40
WIDTH, HEIGHT = 260, 40


def demand(orders_peak: int) -> Demand:
    """The crowd behind a peak of orders a minute."""
    return Demand.from_orders(orders_peak)


def section(plan: Candidate) -> Section:
    """The capacity section, with its forecast drawn small."""
    crowd = demand(plan.orders_peak)
    checks = [_check(need) for need in capacity.needs(crowd.peak_rps)]
    if not checks:
        text = "No service has a profile, so nothing will be scaled up"
        checks.append(Check("warn", text))
    checks = list(ordered(checks))
    figures = {
        "peak": plan.orders_peak / 60,
        "rps": crowd.peak_rps,
        "points": _spark(plan) if plan.opens_at and plan.closes_at else "",
        "width": WIDTH,
        "height": HEIGHT,
    }
    return Section(
        "capacity", "Capacity", counted(checks, "Fits"), tuple(checks), figures
    )


def _check(need: Need) -> Check:
    if need.problem:
        return Check("bad", need.problem)
    text = f"{need.floor} {need.title} carry {need.rps:,.0f} requests/s"
    return Check("ok", text, f"{need.floor}", f"{need.maximum}")


def _spark(plan: Candidate) -> str:
    """The points of an SVG polyline: orders a second over the sale."""
    assert plan.opens_at and plan.closes_at
    length = (plan.closes_at - plan.opens_at).total_seconds()
    rates = [
        arrivals_per_s(1.0, after_s=length * n / POINTS, length_s=length)
        for n in range(POINTS + 1)
    ]
    top = max(rates) or 1.0
    pairs = (
        (n * WIDTH / POINTS, HEIGHT - 2 - (HEIGHT - 6) * rate / top)
        for n, rate in enumerate(rates)
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)
