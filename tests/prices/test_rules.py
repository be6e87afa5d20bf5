"""Prior price, claims and price methods, on worked examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.prices import rules
from console.prices.rules import BadPrice, Method, Point

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)


def at(text: str) -> datetime:
    """`11-27` or `11-18 23:00` of 2026, on Berlin's clock."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"2026-{day}T{clock or '00:00'}").replace(
        tzinfo=BERLIN
    )


def history(*steps: tuple[str, int]) -> list[Point]:
    """Prices from 1 January on; a step down is a sale, a step back up is not."""
    points = [Point(at(day), D(amount)) for day, amount in steps]
    highest = points[0].amount
    return [Point(p.from_at, p.amount, sale=p.amount < highest) for p in points]


FLASH = history(("01-01", 100), ("11-02", 79), ("11-04", 100))
RAISED = history(("01-01", 90), ("10-20", 100))
STAIRS = history(("01-01", 80), ("11-01", 100), ("11-20", 90))
PROGRESSIVE = history(("01-01", 100), ("11-01", 80), ("11-06", 70), ("11-11", 50))
TWICE = history(("01-01", 100), ("11-10", 70), ("11-12", 100))


@pytest.mark.parametrize(
    "points,when,prior",
    [
        (history(("01-01", 100)), "11-27", 100),
        (FLASH, "11-27", 79),
        (FLASH, "12-04", 100),
        (FLASH, "12-03 23:00", 79),
        (RAISED, "11-10", 90),
        (RAISED, "11-18 23:00", 90),
        (RAISED, "11-19", 100),
        (STAIRS, "11-27", 80),
        (PROGRESSIVE, "11-11", 70),
        (TWICE, "11-27", 70),
    ],
)
def test_prior_price_has_the_golden_values(
    points: list[Point], when: str, prior: int
) -> None:
    assert rules.prior_price(points, at(when), ZONE) == prior


@pytest.mark.parametrize(
    "prior,sale,percent",
    [
        ("100", "66.67", 33),
        ("99.99", "59.99", 40),
        ("79", "69", 12),
        ("75", "60", 20),
        ("1.29", "1.29", 0),
        ("1.29", "1.69", 0),
        ("80", "90", 0),
        ("100", "50", 50),
        ("70", "50", 28),
        ("70", "60", 14),
        ("100", "60", 40),
    ],
)
def test_claims_are_floored_and_never_negative(
    prior: str, sale: str, percent: int
) -> None:
    assert rules.claimable(D(prior), D(sale)) == percent


def test_without_history_nothing_may_be_claimed() -> None:
    assert rules.prior_price([], at("11-27"), ZONE) is None
    assert rules.claimable(None, D(1)) == 0


def test_window_starts_at_the_same_wall_time_over_a_change_of_clocks() -> None:
    start = rules.window_start(datetime(2027, 4, 10, tzinfo=BERLIN), ZONE)
    assert start == datetime(2027, 3, 10, 23, tzinfo=UTC)


def test_window_start_that_exists_twice_or_never_is_the_earlier_instant() -> None:
    fold = datetime(2027, 11, 30, 2, 30, tzinfo=BERLIN)
    assert rules.window_start(fold, ZONE) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    gap = datetime(2027, 4, 27, 2, 30, tzinfo=BERLIN)
    assert rules.window_start(gap, ZONE) == datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


BOUNDS = [datetime.fromisoformat(day) for day in ("2026-01-01", "2027-12-31")]
instants = st.datetimes(*BOUNDS)
written = st.lists(st.tuples(instants, st.integers(1, 99)), max_size=8)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Sydney"])


@given(written, instants, zones)
def test_prior_price_agrees_with_a_scan_of_every_turn(
    rows: list[tuple[datetime, int]], start: datetime, zone: str
) -> None:
    """Look at the beginning of the window and at every change within it."""
    at_ = start.replace(tzinfo=UTC)
    points = [Point(when.replace(tzinfo=UTC), D(amount)) for when, amount in rows]
    first = rules.window_start(at_, zone)
    looks = [first, *(p.from_at for p in points if first < p.from_at < at_)]
    seen = []
    for look in looks:
        known = [(p.from_at, n, p.amount) for n, p in enumerate(points)]
        known = [one for one in known if one[0] <= look]
        seen += [max(known)[2]] if known else []
    assert rules.prior_price(points, at_, zone) == min(seen, default=None)


@given(instants, zones)
def test_the_window_is_thirty_dates_on_the_wall_clock(
    start: datetime, zone: str
) -> None:
    at_ = start.replace(tzinfo=UTC)
    first = rules.window_start(at_, zone).astimezone(ZoneInfo(zone))
    wall = at_.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - timedelta(days=30)
    gap = abs(first.replace(tzinfo=None) - wall)
    assert gap in (timedelta(0), timedelta(hours=1))
    length = at_ - first.astimezone(UTC)
    assert abs(length - timedelta(days=30)) <= timedelta(hours=2)


def test_progressive_reduction_is_measured_from_before_its_first_step() -> None:
    start = rules.anchor(PROGRESSIVE, at("11-11"))
    assert start == at("11-01")
    prior = rules.prior_price(PROGRESSIVE, start, ZONE)
    assert rules.claimable(prior, D(50)) == 50
    unadopted = rules.prior_price(PROGRESSIVE, at("11-11"), ZONE)
    assert rules.claimable(unadopted, D(50)) == 28


def test_an_interrupted_reduction_is_not_progressive() -> None:
    assert rules.anchor(TWICE, at("11-27")) == at("11-27")
    soon = history(("01-01", 100), ("11-10", 70), ("11-12", 100))
    assert rules.anchor(soon, at("11-16")) == at("11-10")


def test_of_two_prices_at_one_instant_the_later_written_holds() -> None:
    twice = [Point(at("11-01"), D(10)), Point(at("11-01"), D(90))]
    assert rules.prior_price(twice, at("11-27"), ZONE) == 90


def test_usual_price_is_the_median_by_time() -> None:
    assert rules.usual_price(FLASH, at("11-27"), ZONE) == 100
    assert rules.usual_price(STAIRS, at("12-01"), ZONE) == 80


def test_depth_is_reported_three_ways() -> None:
    depths = rules.depths(D(60), regular=D(120), prior=D(80), usual=None)
    assert (depths.regular, depths.prior, depths.usual) == (D("0.5"), D("0.25"), None)


@pytest.mark.parametrize(
    "method,value,currency,ending,price",
    [
        (Method.FIXED, "219", "EUR", None, "219.00"),
        (Method.PERCENT_OFF_REGULAR, "30", "EUR", None, "230.30"),
        (Method.PERCENT_OFF_REGULAR, "33", "EUR", "0.99", "219.99"),
        (Method.PERCENT_OFF_PRIOR, "20", "EUR", None, "239.20"),
        (Method.AMOUNT_OFF, "110", "EUR", "0.95", "218.95"),
        (Method.PERCENT_OFF_REGULAR, "33", "JPY", None, "220"),
        (Method.PERCENT_OFF_REGULAR, "33", "KWD", None, "220.430"),
        (Method.AMOUNT_OFF, "0.125", "KWD", None, "328.875"),
    ],
)
def test_price_methods(
    method: Method, value: str, currency: str, ending: str | None, price: str
) -> None:
    got = rules.sale_price(
        method,
        D(value),
        regular=D(329),
        prior=D(299),
        currency=currency,
        ending=D(ending) if ending else None,
    )
    assert str(got) == price


def test_charm_in_hundreds_and_below_the_first_ending() -> None:
    assert rules.charm(D(2_512), D(80), step=D(100)) == 2_480
    assert rules.charm(D("0.50"), D("0.99")) == D("0.50")


@pytest.mark.parametrize(
    "method,value,field",
    [
        (Method.AMOUNT_OFF, 329, "value"),
        (Method.PERCENT_OFF_REGULAR, 100, "value"),
        (Method.PERCENT_OFF_PRIOR, 20, "method"),
    ],
)
def test_a_price_that_cannot_be_is_refused(
    method: Method, value: int, field: str
) -> None:
    with pytest.raises(BadPrice) as refused:
        rules.sale_price(method, D(value), regular=D(329), prior=None, currency="EUR")
    assert refused.value.field == field


def test_a_promised_percentage_survives_the_rounding() -> None:
    for cents in range(1, 2_000):
        base = D(cents) / 100
        price = rules.cut(base * D("0.8"), "EUR")
        assert price == 0 or rules.claimable(base, price) >= 20


def test_stretches_end_where_the_next_begins() -> None:
    first, second, third = rules.stretches(FLASH)
    assert (first.end, second.end, third.end) == (at("11-02"), at("11-04"), None)
    assert second.end - second.start == timedelta(days=2)  # type: ignore[operator]
