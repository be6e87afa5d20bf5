"""The rows of a report's tables, how they sort, and how stored values are spelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from console.runbook.rules import LATE_S


@dataclass(frozen=True)
class SkuRow:
    """What one SKU came to. depth, sell_through: ratios; None where unknown."""

    code: str
    name: str
    variant: str
    depth: float | None
    sold: int
    sellable: int
    sell_through: float | None
    revenue: Decimal


@dataclass(frozen=True)
class StepRow:
    """One step of the plan: when it was due, how late it began, how long it took."""

    title: str
    target: str
    t_offset_s: int | None
    due_at: datetime | None
    lateness_s: float | None
    took_s: float | None
    state: str
    tries: int
    note: str

    @property
    def late(self) -> bool:
        """True if it began so late that somebody should know why."""
        return (self.lateness_s or 0) > LATE_S

    @property
    def prompt(self) -> bool:
        """True if it began within a second of when it could."""
        return self.lateness_s is not None and self.lateness_s < 1


SORTS: dict[str, Any] = {
    "name": lambda row: (row.name, row.variant),
    "depth": lambda row: row.depth or 0,
    "sell_through": lambda row: row.sell_through or 0,
    "sold": lambda row: row.sold,
    "revenue": lambda row: row.revenue,
}


def sorting(asked: str) -> str:
    """A sort the table knows; by revenue if not."""
    return asked if asked.lstrip("-") in SORTS else "-revenue"


def when(text: str | None) -> datetime | None:
    """The instant a stored text names."""
    return datetime.fromisoformat(text) if text else None


def spell(seconds: float | None) -> str:
    """A short span with its seconds: `8 min 40 s`."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
