"""Figures of this room: capacity against forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from console.capacity import rules
from console.capacity.panel import Panel, Service
from console.shell import formats

POINTS = 120
MARGIN = timedelta(minutes=30)


def capacity(panel: Panel) -> dict[str, Any]:
    """Requests a second: what the floors carry, and what is expected.

    Steps up and down where the floors do; the tightest service decides.
    """
    start, end = _span(panel)
    instants = [start + (end - start) * n / POINTS for n in range(POINTS + 1)]
    instants = sorted({*instants, panel.forecast.opens_at, *_breaks(panel)})
    provisioned = [_carried(panel, at) for at in instants]
    expected = [_expected(panel, at) for at in instants]
    x = [_local(at) for at in instants]
    return {
        "series": [
            {
                "name": "Provisioned",
                "x": x,
                "y": provisioned,
                "kind": "line",
                "color": "c-1",
                "fill": True,
                "shape": "hv",
                "hover": "%{y:,.0f}/s",
            },
            {
                "name": "Forecast",
                "x": x,
                "y": expected,
                "kind": "ref",
                "hover": "%{y:,.0f}/s",
            },
        ],
        "layout": {
            "margin": {"l": 38, "r": 6, "t": 8, "b": 20},
            "xaxis": {"tickformatstops": formats.CLOCK_TICKS, "nticks": 6},
            "yaxis": {"tickformat": ","},
        },
        **({"now": _now(panel)} if start <= panel.now <= end else {}),
    }


def sentence(panel: Panel) -> str:
    """The figure in words."""
    peak = formats.number(panel.forecast.peak_rps)
    carried = _carried(panel, panel.forecast.opens_at)
    if carried is None:
        return f"Forecast peak {peak} requests/s; what the floors carry is unknown yet"
    room = carried / panel.forecast.peak_rps if panel.forecast.peak_rps else 0
    return (
        f"The floors carry {formats.number(carried)} requests/s at the opening, "
        f"{formats.number(room, 1)} times the forecast peak of {peak}"
    )


def _span(panel: Panel) -> tuple[datetime, datetime]:
    ups = [service.up_at for service in panel.services]
    downs = [service.down_at for service in panel.services]
    first = min([panel.forecast.opens_at, *ups])
    last = max([panel.forecast.closes_at, *downs])
    margin = min(MARGIN, (last - first) / 6)
    return first - margin, last + margin


def _breaks(panel: Panel) -> set[datetime]:
    return {
        at
        for service in panel.services
        for instant in (service.up_at, service.down_at)
        for at in (instant, instant - timedelta(milliseconds=1))
    }


def _carried(panel: Panel, at: datetime) -> float | None:
    """What the tightest service carries; None if one is unknown."""
    each = [_of(service, at) for service in panel.services]
    known = [one for one in each if one is not None]
    return min(known) if known and len(known) == len(each) else None


def _of(service: Service, at: datetime) -> float | None:
    up = service.up_at <= at < service.down_at
    count = max(service.need.floor, service.base or 0) if up else service.base
    return None if count is None else count * service.need.each_carries


def _expected(panel: Panel, at: datetime) -> float:
    forecast = panel.forecast
    length = (forecast.closes_at - forecast.opens_at).total_seconds()
    after = (at - forecast.opens_at).total_seconds()
    return rules.arrivals_per_s(forecast.peak_rps, after_s=after, length_s=length)


def _now(panel: Panel) -> dict[str, str]:
    return {"x": _local(panel.now), "label": "Now"}


def _local(at: datetime) -> str:
    """Plotly draws an instant without a zone as it is: so it gets the shop's clock."""
    return formats.local(at).replace(tzinfo=None).isoformat(timespec="milliseconds")
