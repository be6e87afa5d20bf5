"""Figures of this room: uplift against rest, and against depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

from console.shell import formats
from console.uplift.queries.evidence import Evidence, Point
from console.uplift.rules import Source
from console.uplift.rules.words import took

MARGIN = {"l": 46, "r": 12, "t": 14, "b": 40}
LOOKS = {
    Source.CAMPAIGN: ("c-1", "circle"),
    Source.FOUND: ("c-2", "diamond"),
    Source.HAND: ("c-3", "square"),
    Source.DOUBTFUL: ("c-ref", "circle-open"),
}
SMALLEST, LARGEST = 7.0, 22.0
STEPS = 60


def by_rest(told: Evidence) -> dict[str, Any]:
    """Uplift against days since the previous sale, with the curve if there is one."""
    points = told.spaced
    series = _series(points, lambda p: round(p.days or 0, 1), "%{x:.0f} days")
    if told.recovery.tells and points:
        series.append(_curve(told))
    return {"series": series, "layout": _layout("Days since the previous sale")}


def by_depth(told: Evidence) -> dict[str, Any]:
    """Uplift against depth."""
    series = _series(told.deep, lambda p: round(100 * (p.depth or 0), 1), "−%{x:.0f}%")
    layout = _layout("Depth, % off")
    return {"series": series, "layout": layout}


def rest_sentence(told: Evidence) -> str:
    """The first figure in words."""
    return _range(told.spaced, "between {} and {} days after the previous one", _days)


def depth_sentence(told: Evidence) -> str:
    """The second figure in words."""
    return _range(told.deep, "of {} to {}% off", _percent)


def rest_takeaway(told: Evidence) -> str:
    """What to learn from the first."""
    return took(told.recovery)


def depth_takeaway(told: Evidence) -> str:
    """What to learn from the second: shallow sales against deep ones."""
    sure = [p for p in told.deep if p.source is not Source.DOUBTFUL]
    shallow = [p.uplift for p in sure if (p.depth or 0) < 0.3]
    deep = [p.uplift for p in sure if (p.depth or 0) >= 0.3]
    if min(len(shallow), len(deep)) < 3:
        return "Too few clear sales below or from 30% off to compare them."
    return (
        f"Below 30% off a sale brought {_mean(shallow)} × its baseline on top on "
        f"average ({len(shallow)} sales), from 30% on {_mean(deep)} × ({len(deep)})."
    )


def _mean(values: Sequence[float]) -> str:
    return formats.number(sum(values) / len(values), 1)


def _range(points: Sequence[Point], words: str, value: Callable[[Point], float]) -> str:
    if not points:
        return "No sale to show"
    seen = [value(point) for point in points]
    low, high = formats.number(min(seen)), formats.number(max(seen))
    ups = [point.uplift for point in points]
    return (
        f"{len(points)} sales {words.format(low, high)}; uplift from "
        f"{formats.number(min(ups), 1)} to {formats.number(max(ups), 1)} × the baseline"
    )


def _days(point: Point) -> float:
    return point.days or 0.0


def _percent(point: Point) -> float:
    return 100 * (point.depth or 0.0)


def _series(
    points: Sequence[Point], x: Callable[[Point], float], said: str
) -> list[dict[str, Any]]:
    """One series a source, its marks as large as what was sold."""
    most = max((point.lines for point in points), default=0) or 1
    return [
        {
            "name": source.label,
            "kind": "points",
            "x": [x(point) for point in mine],
            "y": [round(point.uplift, 2) for point in mine],
            "size": [_size(point.lines, most) for point in mine],
            "text": [point.name for point in mine],
            "color": color,
            "symbol": symbol,
            "hover": f"%{{text}}<br>{said}, %{{y:.1f}} × baseline",
        }
        for source, (color, symbol) in LOOKS.items()
        if (mine := [point for point in points if point.source is source])
    ]


def _size(lines: float, most: float) -> float:
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(max(0.0, lines) / most), 1)


def _curve(told: Evidence) -> dict[str, Any]:
    end = max(_days(point) for point in told.spaced)
    days = [round(end * n / STEPS, 2) for n in range(STEPS + 1)]
    up = [round(told.recovery.at(day), 3) for day in days]
    return {
        "name": "Fitted recovery",
        "kind": "ref",
        "x": days,
        "y": up,
        "hover": "skip",
    }


def _layout(title: str) -> dict[str, Any]:
    return {
        "margin": MARGIN,
        "hovermode": "closest",
        "xaxis": {"title": {"text": title}, "rangemode": "tozero", "nticks": 8},
        "yaxis": {"title": {"text": "Uplift, × baseline"}, "nticks": 6,
                  "zeroline": True, "rangemode": "normal"},
    }  # fmt: skip
