"""Tables of uplift."""

from __future__ import annotations

from console.uplift.models.history import (
    DailyDemand,
    HistoryFile,
    HistoryLine,
    HourlyDemand,
    LeftOutRow,
)
from console.uplift.models.sales import PastSale, Study

__all__ = [
    "DailyDemand",
    "HistoryFile",
    "HistoryLine",
    "HourlyDemand",
    "LeftOutRow",
    "PastSale",
    "Study",
]
