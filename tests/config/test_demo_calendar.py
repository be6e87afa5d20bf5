"""The demo's quarter of sales, whatever the day it is begun on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.demo import calendar

YEAR = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(400)]
NIGHT = datetime(2026, 11, 28, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize("now", [*YEAR, NIGHT], ids=lambda now: f"{now:%Y-%m-%d %H}")
def test_no_sale_of_it_runs_on_a_day_it_calls_quiet(now: datetime) -> None:
    sales = [*calendar.past(now), calendar.opening(now)]
    sales += [idea for _, idea in calendar.to_come(now)]
    for quiet in calendar.quiet(now):
        for idea in sales:
            ends = idea.opens_at + idea.lasts
            assert ends.date() < quiet.first or idea.opens_at.date() > quiet.last


def test_most_of_the_year_it_has_both_quiet_periods() -> None:
    assert sum(len(calendar.quiet(now)) == 2 for now in YEAR) > 200
