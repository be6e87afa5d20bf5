"""What a sale brought, against series of which it is known."""

from __future__ import annotations

import numpy as np
import pytest

from console.uplift.rules.baseline import Seen, Timeline, seen
from console.uplift.rules.episodes import Offer
from console.uplift.rules.measure import Measure, below, dip, measure

WEEKS, OPENS, CLOSES = 12, 56, 59
SEASON = np.array([1.2, 1, 1, 1, 1.3, 1.6, 0.7])


def line(
    counts: np.ndarray, *, rest: np.ndarray | None = None, first: int = 0
) -> Timeline:
    counts = np.atleast_2d(counts).astype(float)
    busy = np.zeros(counts.shape, dtype=bool)
    busy[:, OPENS:CLOSES] = True
    return Timeline(counts, busy, rest, np.full(len(counts), first), 7)


def offers(skus: int = 1) -> list[Offer]:
    return [Offer(row, OPENS, CLOSES) for row in range(skus)]


def world(
    seed: int, *, skus: int = 10, rate: float = 6, lift: float = 0, after: float = 1
) -> Timeline:
    """Poisson demand with a weekly rhythm; `lift` times as much again in the sale."""
    dice = np.random.default_rng(seed)
    mean = rate * np.tile(SEASON, WEEKS)
    mean[OPENS:CLOSES] *= 1 + lift
    mean[CLOSES : CLOSES + 14] *= after
    counts = dice.poisson(np.tile(mean, (skus, 1)))
    rest = dice.poisson(np.tile(SEASON, WEEKS) * 600).astype(float)
    return line(counts, rest=rest)


def measured(of: Timeline, skus: int = 10) -> Measure:
    some = offers(skus)
    return measure(seen(of, some), seen(of, some, tail=14), None)


def test_the_baseline_is_the_median_of_the_same_weekday_in_four_weeks() -> None:
    days = np.zeros(84)
    for weeks_back, lines in enumerate([20, 40, 30, 90, 999], 1):
        days[OPENS - 7 * weeks_back] = lines
    days[OPENS] = 70
    of = Seen(np.array([[70.0]]), np.array([[[20.0], [40.0], [30.0], [90.0]]]), None)
    found = seen(line(days), [Offer(0, OPENS, OPENS + 1)])
    assert found is not None
    assert (found.weeks == of.weeks).all()
    told = measure(found, None, None)
    assert told.baseline.value == 35
    assert told.lift.value == 35
    assert told.uplift.value == 1


def test_weeks_with_a_sale_are_passed_over() -> None:
    days = np.arange(84.0)
    history = line(days)
    history.busy[0, OPENS - 14] = True
    found = seen(history, [Offer(0, OPENS, OPENS + 1)])
    assert found is not None
    wanted = [OPENS - 7, OPENS - 21, OPENS - 28, OPENS - 35]
    assert found.weeks[0, :, 0].tolist() == wanted


def test_the_trend_is_how_the_rest_of_the_shop_grew_since() -> None:
    days = np.full(84, 10.0)
    rest = np.full(84, 100.0)
    rest[OPENS:] = 150
    days[OPENS:] = 15
    found = seen(line(days, rest=rest), offers())
    assert found is not None
    told = measure(found, None, None)
    assert told.trend == pytest.approx(1.5)
    assert told.uplift.value == pytest.approx(0)


def test_a_day_on_which_the_whole_shop_was_closed_is_no_fall() -> None:
    days, rest = np.full(84, 10.0), np.full(84, 1000.0)
    days[OPENS], rest[OPENS] = 0, 0
    days[OPENS + 1 : CLOSES] = 20
    told = measure(seen(line(days, rest=rest), offers()), None, None)
    assert told.uplift.value == pytest.approx(1, abs=0.01)


def test_the_dip_is_what_is_missing_to_the_baseline_on_each_day() -> None:
    assert dip(np.array([10.0, 10, 10]), np.array([4.0, 15, 9])) == 7
    days = np.full(84, 10.0)
    days[CLOSES : CLOSES + 2] = 4
    history = line(days)
    told = measure(seen(history, offers()), seen(history, offers(), tail=14), None)
    assert told.dip.value == 12
    assert told.net.value == -12


def test_noise_alone_would_be_a_dip_so_what_it_makes_of_quiet_weeks_is_taken_off() -> (
    None
):
    weeks = np.array([[8.0], [12.0], [10.0], [10.0]])
    assert below(np.array([10.0]), weeks) == 0.5


def test_goods_of_the_same_category_that_fell_were_cannibalised() -> None:
    mine, beside = np.full(84, 10.0), np.full(84, 20.0)
    mine[OPENS:CLOSES] = 30
    beside[OPENS:CLOSES] = 15
    history = line(np.array([mine, beside]))
    history.busy[1] = False
    others = seen(history, [Offer(1, OPENS, CLOSES)])
    told = measure(seen(history, offers()), seen(history, offers(), tail=14), others)
    assert told.cannibalised.value == 15
    assert told.net.value == 60 - 0 - 15
    assert not told.net_at_most


def test_an_unknown_category_is_said_and_is_not_zero() -> None:
    told = measured(world(1, lift=1))
    assert told.cannibalised.value is None
    assert "category" in told.cannibalised.why
    assert told.net_at_most
    assert told.halo.value is None


@pytest.mark.parametrize("first", [OPENS - 21, OPENS - 27])
def test_thin_history_is_unknown_never_zero(first: int) -> None:
    told = measure(seen(line(np.full(84, 10.0), first=first), offers()), None, None)
    for figure in (told.uplift, told.lift, told.dip, told.net, told.baseline):
        assert figure.value is None
        assert figure.why


def test_a_few_lines_are_too_few_to_hold_a_sale_against() -> None:
    told = measure(seen(line(np.full(84, 3.0)), offers()), None, None)
    assert told.actual == 9
    assert told.uplift.value is None


def test_while_the_days_after_are_not_over_dip_and_net_are_unknown() -> None:
    told = measure(seen(world(1), offers(10)), None, None)
    assert told.uplift.known
    assert not told.dip.known
    assert not told.net.known


def test_the_same_history_gives_the_same_interval() -> None:
    assert measured(world(3, lift=1)) == measured(world(3, lift=1))


@pytest.mark.parametrize("lift", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("skus,rate", [(10, 6), (40, 2)])
def test_a_known_lift_is_recovered_within_its_interval(
    lift: float, skus: int, rate: float
) -> None:
    """Of 40 worlds; a 90% interval may miss four of them, and a few by chance."""
    told = [
        measured(world(seed, skus=skus, rate=rate, lift=lift), skus).uplift
        for seed in range(40)
    ]
    inside = sum(one.low <= lift <= one.high for one in told)  # type: ignore[operator]
    assert inside >= 33
    assert np.mean([one.value for one in told]) == pytest.approx(lift, abs=0.08)  # type: ignore[misc]


def test_a_known_dip_is_recovered() -> None:
    told = [measured(world(seed, lift=1, after=0.6)).dip for seed in range(40)]
    expected = 0.4 * 6 * SEASON.sum() * 2 * 10
    assert np.mean([one.value for one in told]) == pytest.approx(expected, rel=0.1)  # type: ignore[misc]
