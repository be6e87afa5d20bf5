"""Drain times, giving up, and rates."""

from __future__ import annotations

import pytest

from console.orders import rules


@pytest.mark.parametrize(
    "backlog,rate,inflow,minutes",
    [(3200, 96, 40, 57.14), (3200, 96, 100, None), (3200, 96, 96, None), (0, 0, 5, 0)],
)
def test_drain_is_a_time_or_never(
    backlog: int, rate: float, inflow: float, minutes: float | None
) -> None:
    found = rules.drain(backlog, rate=rate / 60, inflow=inflow / 60)
    assert found.never is (minutes is None)
    if found.seconds is not None:
        assert found.seconds / 60 == pytest.approx(minutes, abs=0.005)


@pytest.mark.parametrize(
    "tries,transient,outage,others,over",
    [
        (1, False, False, False, True),
        (7, True, False, True, False),
        (8, True, False, False, True),
        (8, True, True, False, False),
        (50, True, True, False, False),
        (8, True, True, True, True),
        (7, True, True, True, False),
    ],
)
def test_when_an_order_is_given_up(
    tries: int, transient: bool, outage: bool, others: bool, over: bool
) -> None:
    found = rules.given_up(
        tries, transient=transient, outage=outage, others_went=others
    )
    assert found is over


def test_a_round_holds_one_order_at_least_and_a_bounded_number() -> None:
    assert rules.per_round(0.2, 1) == 1
    assert rules.per_round(8, 1) == 8
    assert rules.per_round(10_000, 1) == rules.MOST_PER_ROUND


@pytest.mark.parametrize("rate", [0, -1, 10.1])
def test_a_rate_is_above_nought_and_within_the_limit(rate: float) -> None:
    rules.check_rate(10, 10)
    with pytest.raises(rules.BadRate):
        rules.check_rate(rate, 10)
