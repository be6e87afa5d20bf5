"""Where an instant lies on the strip above the run sheet; plain Python.

Hours before the opening and minutes around it must both be readable, so the strip is
piecewise linear between anchors that stand at equal distances.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

BEFORE_S = [86400, 21600, 7200, 3600, 1800, 600, 120, 30]
MOST_BEFORE = 5
GAP_SHARE = 0.12
"""A mark this near to the one before it (in hundredths of the strip) drops a row."""


@dataclass(frozen=True)
class Mark:
    """One step on the strip: x and w in percent, row 0 or 1."""

    step_id: int
    state: str
    title: str
    x: float
    w: float
    row: int


@dataclass(frozen=True)
class Timeline:
    """The strip: anchors in time and their equal places, 0 to 100."""

    anchors: tuple[datetime, ...]
    opens_at: datetime
    closes_at: datetime

    def at(self, instant: datetime) -> float:
        """The place of an instant; beyond them it is the end."""
        if instant <= self.anchors[0]:
            return 0.0
        if instant >= self.anchors[-1]:
            return 100.0
        left = bisect_right(self.anchors, instant) - 1
        start, end = self.anchors[left], self.anchors[left + 1]
        part = (instant - start) / (end - start)
        return round((left + part) * 100 / (len(self.anchors) - 1), 2)

    def ticks(self) -> list[tuple[datetime, float, int]]:
        """Each anchor but the last: instant, place, seconds from the opening."""
        return [
            (one, self.at(one), int((one - self.opens_at).total_seconds()))
            for one in self.anchors[:-1]
        ]


def timeline(
    instants: Iterable[datetime], *, opens_at: datetime, closes_at: datetime
) -> Timeline:
    """The strip that shows all these instants, the opening and the end."""
    every = [*instants, opens_at, closes_at]
    first, last = min(every), max(every)
    inner = [opens_at - timedelta(seconds=s) for s in BEFORE_S]
    before = [one for one in inner if first < one < opens_at][-MOST_BEFORE:]
    last = max(last, closes_at + (closes_at - opens_at) / 4)
    anchors = sorted({first, *before, opens_at, closes_at, last})
    return Timeline(tuple(anchors), opens_at, closes_at)


def stacked(places: Iterable[tuple[float, float]]) -> list[int]:
    """The row of each mark: one that would touch the mark before it goes below.

    places: (x, w) in percent, ordered by x.
    """
    ends = [-100.0, -100.0]
    rows = []
    for x, w in places:
        row = 0 if x >= ends[0] else 1
        ends[row] = x + max(w, 100 * GAP_SHARE / 12)
        rows.append(row)
    return rows
