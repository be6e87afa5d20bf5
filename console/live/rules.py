"""What the board says of numbers: paces, sell-out times, forecasts, what alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from console.capacity.rules import DECAY_S, FIRST_MINUTE_SHARE

SOON_MINUTES = 5.0
DROP_P = 0.001
BUCKETS = (1, 5, 15, 60, 300, 900)
MOST_POINTS = 720


def forecast_per_s(peak_per_minute: float, seconds: float) -> float:
    """Orders a second expected so long after the opening.

    Falls off exponentially, so that the first minute brings `peak_per_minute`, which is
    15% of a long sale.
    """
    if seconds < 0:
        return 0.0
    first = peak_per_minute / (DECAY_S * FIRST_MINUTE_SHARE)
    return first * math.exp(-seconds / DECAY_S)


def expected(peak_per_minute: float, since_s: float, until_s: float) -> float:
    """Orders expected between two ages of the sale, in seconds since the opening."""
    start, end = max(0.0, since_s), max(0.0, until_s)
    first = peak_per_minute / FIRST_MINUTE_SHARE
    return first * (math.exp(-start / DECAY_S) - math.exp(-end / DECAY_S))


def poisson_cdf(seen: int, mean: float) -> float:
    """How likely it is to see so few, or fewer, where `mean` were expected."""
    if mean <= 0:
        return 1.0
    term = total = math.exp(-mean)
    for n in range(1, seen + 1):
        term *= mean / n
        total += term
    return min(1.0, total)


def bucket_s(length: timedelta) -> int:
    """The width of a point on the chart, so that a sale has at most 720 of them."""
    whole = length.total_seconds()
    return next((b for b in BUCKETS if whole / b <= MOST_POINTS), BUCKETS[-1])


def floored(at: datetime, seconds: int) -> datetime:
    """The start of the bucket an instant is in, counted from the epoch."""
    return at - timedelta(seconds=at.timestamp() % seconds, microseconds=0)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that this share does not exceed; None of nothing. Nearest rank."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
