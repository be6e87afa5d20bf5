"""The half-life is found where the data can tell it; else it says why they cannot."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.uplift.rules.recovery import LONGEST, Recovery, recovery
from console.uplift.rules.spacing import days_since
from console.uplift.rules.words import suggestion


def points(
    half_life: float, *, sales: int = 40, noise: float = 0.05, full: float = 2.0
) -> list[tuple[float, float]]:
    dice = np.random.default_rng(7)
    days = dice.uniform(2, 90, sales)
    uplift = full * (1 - 2.0 ** (-days / half_life)) + dice.normal(0, noise, sales)
    return list(zip(days.tolist(), uplift.tolist(), strict=True))


@pytest.mark.parametrize("half_life", [7, 21, 45])
def test_a_known_half_life_lies_within_its_interval(half_life: int) -> None:
    told = recovery(points(half_life))
    assert told.tells
    assert told.low is not None and told.high is not None
    assert told.low <= half_life <= told.high
    assert told.high - told.low <= half_life
    assert told.full == pytest.approx(2, rel=0.1)
    assert told.at(half_life) == pytest.approx(1, rel=0.15)


def test_seven_sales_are_too_few() -> None:
    told = recovery(points(21, sales=7))
    assert not told.tells
    assert "7 measured and clear sales" in told.why


@pytest.mark.parametrize(
    "made,why",
    [
        (points(21, noise=0.6, sales=12), "from 1 to 84 days fits"),
        (points(0.01), "no worse"),
        (points(10, noise=0.5, sales=14), "from 9 to 42 days fits"),
        (points(2000), "from 120 days up fits"),
        (points(21, full=-1), "nothing above"),
    ],
)
def test_data_that_cannot_tell_say_why(
    made: list[tuple[float, float]], why: str
) -> None:
    told = recovery(made)
    assert not told.tells
    assert why in told.why


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(-1, 9)), max_size=30))
def test_whatever_the_points_it_is_a_half_life_with_an_interval_or_a_reason(
    made: list[tuple[float, float]],
) -> None:
    told = recovery(made)
    if told.half_life is None:
        assert told.why
    else:
        assert told.low is not None and told.high is not None
        assert 1 <= told.low <= told.half_life <= told.high <= LONGEST


def test_the_suggestion_stands_beside_the_policy() -> None:
    told = Recovery(30, 24, 17, 34, 1.5)
    assert suggestion(told) == "Your data suggests a half-life of 17 to 34 days"
    unsure = Recovery(5, why="5 measured sales follow another one; 8 are needed")
    assert suggestion(unsure).startswith("Your data cannot tell the half-life: 5 meas")


AT = datetime(2026, 3, 20, 10)  # noqa: DTZ001
DAY = timedelta(days=1)


def test_days_are_counted_from_the_close_of_the_previous_sale_of_the_goods() -> None:
    windows = {"A": [(AT - 9 * DAY, AT - 8 * DAY), (AT, AT + DAY)], "B": [], "C": []}
    assert days_since([("A", AT), ("B", AT)], windows) == 8
    assert days_since([("A", AT), ("B", AT), ("C", AT)], windows) is None
    audience = [(AT - 4 * DAY, AT - 3 * DAY)]
    assert days_since([("B", AT)], windows, audience=audience) == 3
    assert days_since([("B", AT)], windows) is None
