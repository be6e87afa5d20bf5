"""Figures of a report: demand against forecast, and orders waiting for the relay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from console.report import rules
from console.report.page import Report
from console.report.rows import spell, when
from console.shell import formats

MARGIN = {"l": 38, "r": 10, "t": 14, "b": 22}


def demand(report: Report) -> dict[str, Any] | None:
    """Orders a minute (or a second) from the opening, and what was expected."""
    told = report.demand
    if told is None:
        return None
    width, counts = told["bucket_s"], told["orders"]
    unit = 60 if report.per_minute else 1
    if report.running and len(counts) > 3:
        counts = counts[:-1]
    x = _instants(told, len(counts))
    seen = [round(count * unit / width, 2) for count in counts]
    peak = report.data["peak_per_minute"]
    ages = [(n * width, (n + 1) * width) for n in range(len(counts))]
    wanted = [round(rules.expected(peak, *age) * unit / width, 2) for age in ages]
    return {
        "series": [
            _series("Forecast", x, wanted, kind="ref"),
            _series("Actual", x, seen, kind="line", fill=True, color="c-1"),
        ],
        "layout": _layout(),
        "notes": _peak(x, seen),
    }


def demand_sentence(report: Report) -> str:
    """The demand figure in words."""
    busiest = (report.demand or {}).get("busiest")
    if not busiest:
        return "No orders yet"
    at, count = formats.clock(when(busiest["at"])), busiest["orders"]
    forecast = formats.number(report.data["peak_per_minute"])
    return (
        f"Busiest minute {formats.number(count)} orders at {at}; "
        f"{forecast} were expected in the first minute"
    )


def demand_takeaway(report: Report) -> str:
    """What to learn from it: the share of the first minute, and the half time."""
    told = report.demand
    if told is None or not report.orders:
        return "No orders yet."
    half = f"Half were in after {spell(told['half_after_s'])}."
    if report.orders < rules.FEW_ORDERS:
        return f"{report.orders} orders. {half}"
    first = rules.share(told["first_minute"], report.orders)
    words = f"The first minute took {formats.percent(first)} of all orders"
    return f"{words}{' so far' if report.running else ''}. {half}"


def relay(report: Report) -> dict[str, Any] | None:
    """Orders on their way out."""
    told = report.relay
    if told is None:
        return None
    x = _instants(told, len(told["waiting"]))
    waiting = told["waiting"]
    return {
        "series": [_series("Waiting", x, waiting, kind="line", fill=True, color="c-2")],
        "layout": _layout(),
        "notes": _peak(x, waiting),
    }


def relay_sentence(report: Report) -> str:
    """The relay figure in words."""
    waiting = (report.relay or {}).get("waiting") or [0]
    return (
        f"At most {formats.number(max(waiting))} orders waited at once, "
        f"{formats.number(waiting[-1])} at the end"
    )


def relay_takeaway(report: Report) -> str:
    """What to learn from it: the longest wait, and whether all arrived."""
    told = report.standing
    longest = (report.relay or {}).get("longest_s")
    wait = f"Longest wait {spell(longest)}. " if longest is not None else ""
    if told["relayed"] == report.orders:
        return f"{wait}All {formats.number(report.orders)} orders arrived."
    left = report.orders - told["relayed"]
    return f"{wait}{formats.number(left)} have not arrived."


def _instants(told: Mapping[str, Any], count: int) -> list[str]:
    since = when(told["since"])
    if since is None:
        return []
    step = timedelta(seconds=told["bucket_s"])
    return [_local(since + n * step) for n in range(count)]


def _local(at: datetime) -> str:
    """Plotly draws an instant without a zone as it is: so it gets the shop's clock."""
    return formats.local(at).replace(tzinfo=None).isoformat(timespec="seconds")


def _series(name: str, x: list[str], y: Sequence[float], **look: Any) -> dict[str, Any]:
    return {"name": name, "x": x, "y": list(y), "hover": "%{y:,.1~f}"} | look


def _layout() -> dict[str, Any]:
    return {
        "margin": MARGIN,
        "xaxis": {"tickformatstops": formats.CLOCK_TICKS, "nticks": 6},
        "yaxis": {"tickformat": ",", "nticks": 5},
    }


def _peak(x: list[str], y: Sequence[float]) -> list[dict[str, Any]]:
    """A note at the highest point; none where nothing happened."""
    top = max(y, default=0)
    if not top:
        return []
    at = x[list(y).index(top)]
    digits = 0 if top >= 10 or top == int(top) else 1
    clock = at[11:19].removesuffix(":00")
    text = f"Peak {formats.number(top, digits)} at {clock}"
    side = {"xanchor": "left", "xshift": 6, "yanchor": "bottom"}
    return [{"x": at, "y": top, "text": text} | side]
