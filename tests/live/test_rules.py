"""The arithmetic of the board against the golden vectors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.live import rules
from console.live.templatetags.live import drain_text


@pytest.mark.parametrize(
    "expected,seen,p",
    [
        (60, 30, 1.4e-5),
        (60, 40, 4e-3),
        (60, 45, 2.7e-2),
        (12, 2, 5e-4),
        (12, 4, 7.6e-3),
    ],
)
def test_how_unlikely_so_few_orders_are(expected: float, seen: int, p: float) -> None:
    assert rules.poisson_cdf(seen, expected) == pytest.approx(p, rel=0.1)


def test_the_first_minute_of_the_forecast_brings_the_peak() -> None:
    assert rules.expected(900, 0, 60) == pytest.approx(900)
    assert rules.expected(900, -60, 0) == 0
    steps = sum(rules.forecast_per_s(900, n + 0.5) for n in range(60))
    assert steps == pytest.approx(900, rel=1e-4)


@pytest.mark.parametrize(
    "hours,width", [(1 / 60, 1), (0.2, 1), (1, 5), (2, 15), (24, 300), (100, 900)]
)
def test_a_chart_has_at_most_720_points(hours: float, width: int) -> None:
    assert rules.bucket_s(timedelta(hours=hours)) == width


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(n) for n in range(1, 101)]
    assert rules.percentile(values, 0.5) == 50
    assert rules.percentile(values, 0.99) == 99
    assert rules.percentile([], 0.5) is None


@pytest.mark.parametrize(
    "drain_s,said",
    [(0, "clear in under 1 s"), (1, "clear in 1 s"), (59, "clear in 59 s")],
)
def test_a_backlog_never_clears_in_no_time(drain_s: int, said: str) -> None:
    backlog = {"waiting": 3, "paused": False, "held": [], "drain_s": drain_s}
    assert drain_text(backlog) == said
