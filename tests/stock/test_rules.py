"""Golden vectors of the formulas, and the properties behind them."""

from __future__ import annotations

import math
import random
import re
import time
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.stock import rules
from console.stock.rules import buffers, claims, pace
from tests.make import NOW


def test_available_is_what_promises_and_buffers_leave() -> None:
    assert buffers.available(1000, allocated=120, reserved=35, held=[27]) == 818
    assert buffers.available(100, allocated=50, reserved=40, held=[5, 20]) == 0


@pytest.mark.parametrize(
    "rate,lag_s,quantile,units",
    [
        ("2", "60", "0.99", 6),
        ("2", "60", "0.999", 8),
        ("10", "60", "0.99", 18),
        ("0.5", "300", "0.99", 7),
        ("30", "15", "0.999", 17),
        ("0.1", "120", "0.99", 2),
        ("0", "60", "0.99", 0),
    ],
)
def test_lag_buffer(rate: str, lag_s: str, quantile: str, units: int) -> None:
    asked = (Decimal(rate), Decimal(lag_s), Decimal(quantile))
    assert buffers.lag_buffer(*asked) == units


@given(st.integers(1, 60))
def test_lag_buffer_is_the_smallest_that_suffices(mean: int) -> None:
    k = buffers.lag_buffer(Decimal(mean), Decimal(60))
    terms = [math.exp(-mean) * mean**i / math.factorial(i) for i in range(k + 1)]
    sums = list(accumulate(terms))
    assert sums[-1] >= 0.99 - 1e-9
    assert k == 0 or sums[-2] < 0.99 + 1e-9


@given(
    st.decimals(0, 10**9, places=3),
    st.sampled_from([buffers.USUAL, buffers.STRICT]),
)
def test_lag_buffer_of_any_mean_ends_soon_and_is_never_below_it(
    mean: Decimal, quantile: Decimal
) -> None:
    """A mean of millions once took for ever: the first term of its sum is nothing."""
    began = time.monotonic()
    k = buffers.lag_buffer(mean, Decimal(60), quantile)
    assert time.monotonic() - began < 5
    assert k >= int(mean)


@pytest.mark.parametrize("mean", ["2400000", "3000000", "1e15"])
def test_lag_buffer_of_far_means_ends(mean: str) -> None:
    told = buffers.lag_buffer(Decimal(mean), Decimal(60))
    assert Decimal(mean) < told < Decimal(mean) * Decimal("1.01")


@pytest.mark.parametrize("quantile", [buffers.USUAL, buffers.STRICT])
def test_beyond_the_exact_sum_a_buffer_is_a_little_larger_never_smaller(
    quantile: Decimal,
) -> None:
    exact = buffers.lag_buffer(Decimal(buffers.FAR), Decimal(60), quantile)
    bound = buffers.lag_buffer(Decimal(f"{buffers.FAR}.001"), Decimal(60), quantile)
    assert exact <= bound <= exact * 1.01


def test_count_buffer_does_not_round_through_floats() -> None:
    assert buffers.count_buffer(1000, Decimal("0.995")) == 5
    assert math.ceil(1000 * (1 - 0.995)) == 6
    assert buffers.count_buffer(1, Decimal("0.995")) == 1
    assert buffers.count_buffer(0, Decimal("0.9")) == 0


@pytest.mark.parametrize(
    "left,sold,minutes,eta",
    [
        (500, 50, 5, (41.43, 50.00, 60.71)),
        (500, 5, 5, (269.81, 500, 1026.8)),
        (20, 50, 5, (1.66, 2.00, 2.43)),
        (1000, 240, 2, (7.66, 8.33, 9.08)),
        (500, 0, 5, (1096.73, None, math.inf)),
    ],
)
def test_sellout(left: int, sold: int, minutes: float, eta: tuple) -> None:
    told = pace.sellout(left, sold=sold, minutes=minutes)
    assert told.earliest == pytest.approx(eta[0], rel=1e-4, abs=0.006)
    assert told.middle == (eta[1] and pytest.approx(eta[1], abs=0.006))
    assert told.latest == pytest.approx(eta[2], rel=1e-4, abs=0.006)


@pytest.mark.parametrize("rate", [1, 4, 20])
def test_the_interval_covers_what_it_says(rate: float) -> None:
    """The rest sells out inside the interval in at least 80 of 100 sales."""
    chance = random.Random(5)
    runs, inside = 2000, 0
    for _ in range(runs):
        sold = _arrivals(chance, rate, 5)
        told = pace.sellout(100, sold=sold, minutes=5)
        inside += told.earliest <= 100 / rate <= told.latest
    assert inside / runs >= 0.80


def _arrivals(chance: random.Random, rate: float, minutes: float) -> int:
    at, count = chance.expovariate(rate), 0
    while at <= minutes:
        at += chance.expovariate(rate)
        count += 1
    return count


def test_the_pace_looks_at_the_last_thirty_units_if_they_came_sooner() -> None:
    since = NOW - timedelta(minutes=5)
    fast = [(NOW - timedelta(seconds=15 * n), 20) for n in range(1, 20)]
    assert pace.recent(fast, since=since, now=NOW) == pace.Pace(40, 0.5)
    slow = [(NOW - timedelta(minutes=4), 5)]
    assert pace.recent(slow, since=since, now=NOW) == pace.Pace(5, 5.0)


def test_limbo_and_pace() -> None:
    assert pace.limbo(120, abandoned=0.3, ttl_minutes=10) == pytest.approx(360)
    assert pace.limbo(120, abandoned=0.3, ttl_minutes=15) == pytest.approx(540)
    assert pace.steady(1000, ttl_s=600) == pytest.approx(1.667, abs=1e-3)


def test_low_is_the_last_tenth_but_not_none() -> None:
    assert [pace.is_low(x, sellable=100) for x in (0, 1, 10, 11)] == [0, 1, 1, 0]
    assert pace.is_low(1, sellable=3)


def test_split_empties_one_before_the_next() -> None:
    assert rules.split(13, [10, 15]) == [10, 3]
    assert rules.split(30, [10, -5, 15]) == [10, 0, 15]


@given(
    st.text(min_size=1, max_size=30),
    st.text(min_size=1, max_size=60),
    st.text(min_size=1, max_size=60),
)
def test_digests_differ_where_client_or_key_differ(a: str, b: str, c: str) -> None:
    assert claims.key_digest(a, b) == claims.key_digest(a, b)
    if b != c and "\n" not in a + b + c:
        assert claims.key_digest(a, b) != claims.key_digest(a, c)


@given(st.text(min_size=1, max_size=64))
def test_a_text_is_taken_if_and_only_if_the_description_says_so(told: str) -> None:
    try:
        claims.check_text("sku", told, 64)
    except claims.BadRequest:
        assert not re.search(claims.PRINTABLE[:-1] + r"\Z", told)
    else:
        assert re.search(claims.PRINTABLE[:-1] + r"\Z", told)


@pytest.mark.parametrize("told", ["a\nb", "a\u2028b", "a\u202eb", "a\u200bb", "\ud800"])
def test_texts_that_only_look_alike_are_refused(told: str) -> None:
    with pytest.raises(claims.BadRequest):
        claims.check_text("sku", told, 64)


@pytest.mark.parametrize("told", ["Ø 12 mm", "a\u00a0b", "\U000aafa5"])
def test_a_text_of_any_language_is_taken(told: str) -> None:
    claims.check_text("sku", told, 64)
