"""The board as a page first shows it: the last snapshot, its age, and the curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from console.campaigns.rules import RUNNING
from console.live import queries, reading, rules, sales
from console.live.facts import Sale
from console.orders import queries as orders
from console.stock.models import Allocation

LOOK = {
    "ok": ("circle-check", "ok", "Good"),
    "slow": ("triangle-alert", "warn", "Slow"),
    "late": ("triangle-alert", "warn", "Late"),
    "down": ("octagon-x", "bad", "Down"),
    "unknown": ("circle-dashed", "", "Unknown"),
}
ICONS = {
    "Database": "database",
    "Cache": "zap",
    "Edge server": "radio",
    "Celery worker": "layers",
    "Celery beat": "clock",
    "shop": "store",
    "cdn": "cloud",
    "erp": "factory",
    "cloud": "network",
}
UNKNOWN = dict.fromkeys(
    ("per_minute", "forecast", "revenue", "sold", "sellable", "reserved", "oversold")
)
BEFORE = timedelta(minutes=2)
SPARK = 60


@dataclass(frozen=True)
class Row:
    """One SKU of the inventory, ready to draw. allocation: its row in stock."""

    data: Mapping[str, Any]
    allocation: int | None


@dataclass(frozen=True)
class Health:
    """One part of the backend, ready to draw."""

    data: Mapping[str, Any]
    at: datetime | None
    icon: str
    look: tuple[str, str, str]
    line: str
    shown: Mapping[str, str]


@dataclass(frozen=True)
class Board:
    """Everything the page draws. at: when the snapshot was taken; None if none was."""

    sale: Sale
    at: datetime | None
    snapshot: Mapping[str, Any]
    rows: Sequence[Row]
    health: Sequence[Health]
    alerts: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    chart: Mapping[str, Any]
    spark: tuple[str, str]
    running: bool

    @property
    def numbers(self) -> Mapping[str, Any]:
        """The key numbers; None where not known."""
        return {**UNKNOWN, **self.snapshot.get("numbers", {})}

    @property
    def backlog(self) -> Mapping[str, Any]:
        """The relay's backlog; empty if none is known."""
        return dict(self.snapshot.get("backlog", {}))


def board(code: str, *, now: datetime) -> Board:
    """The board of one campaign.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    sale = sales.known(code)
    sample = queries.last_sample(code)
    snapshot = sample.data if sample else {}
    chart = curve(sale, now=now)
    return Board(
        sale=sale,
        at=_at(snapshot.get("at")),
        snapshot=snapshot,
        rows=_rows(code, snapshot.get("skus", ())),
        health=[_health(part) for part in snapshot.get("health", ())],
        alerts=[_timed(one, "since") for one in snapshot.get("alerts", ())],
        events=[_timed(one, "at") for one in snapshot.get("activity", ())],
        chart=chart,
        spark=spark(chart["y"][-SPARK:], 240, 40),
        running=sale.state in RUNNING,
    )


def curve(sale: Sale, *, now: datetime) -> dict[str, Any]:
    """Orders a second so far and as forecast, as epoch milliseconds and rates."""
    width = reading.width_s(sale)
    if sale.opens_at is None or sale.closes_at is None:
        return {"x": [], "y": [], "fx": [], "fy": [], "bucket_s": width}
    opened = sale.opened_at or sale.opens_at
    length = sale.closes_at - sale.opens_at
    since = rules.floored(opened - min(BEFORE, length / 10), width)
    until = rules.floored(min(now, sale.closes_at + BEFORE), width)
    seen = orders.series(sale.code, since=since, until=until, bucket_s=width)
    ages = [length.total_seconds() * n / 120 for n in range(121)]
    return {
        "x": [_ms(point.at) for point in seen],
        "y": [round(point.orders / width, 2) for point in seen],
        "fx": [_ms(opened + timedelta(seconds=age)) for age in ages],
        "fy": [
            round(rules.forecast_per_s(sale.peak_per_minute, age), 3) for age in ages
        ],
        "bucket_s": width,
        "opens": _ms(opened),
        "closes": _ms(sale.closes_at),
        "offset_ms": _offset_ms(opened),
    }


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _offset_ms(at: datetime) -> int:
    """What the shop's clock is ahead of UTC."""
    shift = timezone.localtime(at).utcoffset()
    return int(shift.total_seconds() * 1000) if shift else 0


def _at(spelled: object) -> datetime | None:
    return datetime.fromisoformat(spelled) if isinstance(spelled, str) else None


def _timed(one: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**one, name: _at(one[name])}


def _rows(code: str, skus: Iterable[Mapping[str, Any]]) -> list[Row]:
    known = Allocation.objects.filter(campaign=code)
    ids = dict(known.values_list("sku__code", "pk"))
    return [Row(sku, ids.get(sku["sku"])) for sku in skus]


def _health(part: Mapping[str, Any]) -> Health:
    return Health(
        data=part,
        at=_at(part["at"]),
        icon=ICONS.get(part["name"], "network"),
        look=LOOK.get(part["state"], LOOK["unknown"]),
        line=spark(part["recent"], 70, 20)[0],
        shown={name: _ms_text(part[name]) for name in ("p50", "p95", "p99")},
    )


def _ms_text(ms: float | None) -> str:
    """Milliseconds: one decimal below ten."""
    if ms is None:
        return "–"
    return f"{ms:.1f}" if ms < 10 else f"{ms:,.0f}"


def spark(values: Sequence[float], width: int, height: int) -> tuple[str, str]:
    """The line of a sparkline as SVG path data, and the area below it."""
    if len(values) < 2:
        return "", ""
    top = max(*values, 0.001) * 1.1
    step = width / (len(values) - 1)
    spots = [
        f"{n * step:.1f},{height - height * value / top:.1f}"
        for n, value in enumerate(values)
    ]
    line = "M" + " L".join(spots)
    return line, f"{line} L{width},{height} L0,{height} Z"
