"""The verdict against an independent checker that only knows the definitions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import fsum
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from console.fatigue import rules
from console.fatigue.rules import Counts, Limits, Sale
from tests.examples import examples

HOUR = timedelta(hours=1)
START = datetime(2026, 10, 1, tzinfo=UTC)
TOLERANCE = 1e-9


def _load(sale: Sale) -> float:
    hours = (sale.closes_at - sale.opens_at) / HOUR
    return float(40 * float(sale.depth) / 0.3 * min(2, (hours / 24) ** 0.5))


def _weights(sales: list[Sale], at: datetime, half_life: Decimal) -> Iterator[float]:
    for sale in sales:
        if sale.opens_at <= at:
            passed = max(timedelta(0), at - sale.closes_at) / timedelta(days=1)
            yield _load(sale) * 0.5 ** (passed / float(half_life))


def _score(sales: list[Sale], at: datetime, half_life: Decimal) -> float:
    return fsum(_weights(sales, at, half_life))


def _above(limits: Limits, sales: list[Sale], at: datetime) -> bool:
    """Summed with the limit, not compared with it: nothing is lost by rounding."""
    weights = _weights(sales, at, limits.half_life_days)
    return fsum([*weights, -limits.red]) > TOLERANCE


def _rested(limits: Limits, one: Sale, two: Sale) -> bool:
    """Two sales, in order of opening, lie far enough apart."""
    if limits.gap_counts is Counts.ROLLING:
        return two.opens_at - one.closes_at >= timedelta(days=limits.min_gap_days)
    zone = ZoneInfo(limits.zone)
    last = (one.closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    first = two.opens_at.astimezone(zone).date()
    return (first - last).days >= limits.min_gap_days


def _sparse(limits: Limits, others: list[Sale], asked: Sale) -> bool:
    """No window that holds the asked opening holds too many."""
    zone = ZoneInfo(limits.zone)

    def place(sale: Sale) -> float:
        if limits.window_counts is Counts.CALENDAR:
            return sale.opens_at.astimezone(zone).toordinal()
        return sale.opens_at.timestamp() / 86_400

    here, days = place(asked), limits.window_days
    places = [place(other) for other in others] + [here]
    windows = [first for first in places if first <= here < first + days]
    return all(
        sum(first <= p < first + days for p in places) <= limits.max_sales
        for first in windows
    )


def _fits(limits: Limits, others: list[Sale], asked: Sale) -> bool:
    """The scores of this sale and of later ones stay below the limit."""
    with_it = [*others, asked]
    life = limits.half_life_days
    if _above(limits, with_it, asked.opens_at):
        return False
    for later in (o for o in others if o.opens_at >= asked.opens_at):
        full = _score(with_it, later.opens_at, life)
        added = full - _score(others, later.opens_at, life)
        if _above(limits, with_it, later.opens_at) and added > 1 + TOLERANCE:
            return False
    return True


def passes(limits: Limits, others: list[Sale], asked: Sale) -> bool:
    """Every rule, straight from its sentence."""
    if float(asked.depth) * 100 + TOLERANCE < limits.min_depth_percent:
        return False
    if limits.min_gap_days:
        for other in others:
            pair = (other, asked) if other.opens_at <= asked.opens_at else None
            if not _rested(limits, *(pair or (asked, other))):
                return False
    if limits.max_sales and not _sparse(limits, others, asked):
        return False
    return _fits(limits, others, asked)


def moved(sale: Sale, at: datetime) -> Sale:
    length = sale.closes_at - sale.opens_at
    return Sale(sale.code, sale.name, at, at + length, sale.depth, sale.reach)


def test_a_sale_that_fills_the_limit_waits_until_the_one_before_is_forgotten() -> None:
    """80 points of 80: a billionth of a point is left of the other's after 31 halvings.

    4.08248 points, a billionth at log2(4.08248e9) = 31.927 halvings of 3.5 days.
    """
    limits = Limits(half_life_days=Decimal("3.5"), red=80, min_gap_days=0, max_sales=0)
    before = Sale("FS-0", "FS-0", START, START + HOUR, 0.15)
    asked = Sale("NEW", "NEW", START, START + 96 * HOUR, 0.30)
    found = rules.verdict(limits, [before], asked).earliest
    assert found
    halvings = (found - before.closes_at) / timedelta(days=3.5)
    assert abs(halvings - 31.9268) < 0.001
    assert passes(limits, [before], moved(asked, found))
    assert not passes(limits, [before], moved(asked, found - timedelta(minutes=1)))


hours = st.integers(0, 24 * 100)


@st.composite
def sale(draw: st.DrawFn, code: str = "") -> Sale:
    at = START + draw(hours) * HOUR
    length = draw(st.sampled_from([1, 2, 4, 24, 48, 96]))
    depth = draw(st.sampled_from([0.15, 0.20, 0.30, 0.50, 0.70]))
    code = code or f"FS-{draw(st.integers(0, 10**9))}"
    return Sale(code, code, at, at + length * HOUR, depth)


calendars = st.lists(sale(), max_size=8, unique_by=lambda s: s.code)
policies = st.builds(
    Limits,
    half_life_days=st.sampled_from([Decimal("3.5"), Decimal(7), Decimal(21)]),
    red=st.sampled_from([60, 80, 100, 200]),
    min_gap_days=st.sampled_from([0, 1, 7, 14]),
    gap_counts=st.sampled_from(Counts),
    max_sales=st.sampled_from([0, 1, 2, 3]),
    window_days=st.sampled_from([7, 30, 90]),
    window_counts=st.sampled_from(Counts),
    min_depth_percent=st.sampled_from([0, 20]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)


@examples(400)
@given(policies, calendars, sale("NEW"))
def test_a_verdict_agrees_with_the_definitions(
    limits: Limits, others: list[Sale], asked: Sale
) -> None:
    verdict = rules.verdict(limits, others, asked)
    assert verdict.blocked == (not passes(limits, others, asked))


@examples(200)
@given(policies, calendars, sale("NEW"))
def test_the_earliest_date_passes_and_one_hour_earlier_fails(
    limits: Limits, others: list[Sale], asked: Sale
) -> None:
    found = rules.verdict(limits, others, asked).earliest
    if found is None:
        return
    assert passes(limits, others, moved(asked, found))
    if found == asked.opens_at:
        return
    before = found - HOUR
    if before >= asked.opens_at:
        assert not passes(limits, others, moved(asked, before))
    assert not passes(limits, others, moved(asked, found - timedelta(minutes=1)))


@examples(60)
@given(policies, calendars, sale("NEW"))
def test_nothing_before_the_earliest_date_passes(
    limits: Limits, others: list[Sale], asked: Sale
) -> None:
    found = rules.verdict(limits, others, asked).earliest
    end = found or START + timedelta(days=150)
    at = asked.opens_at
    while at < end:
        assert not passes(limits, others, moved(asked, at))
        at += 3 * HOUR


@given(calendars, st.randoms(use_true_random=False), hours)
def test_the_order_of_sales_does_not_matter(
    others: list[Sale], random: object, hour: int
) -> None:
    shuffled = list(others)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    at = START + hour * HOUR
    assert rules.score(others, at) == rules.score(shuffled, at)
    asked = Sale("NEW", "New", at, at + HOUR, 0.3)
    assert rules.verdict(Limits(), others, asked) == rules.verdict(
        Limits(), shuffled, asked
    )


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 200), st.floats(0, 200))
def test_load_grows_with_depth_and_hours(
    shallow: float, deep: float, short: float, long: float
) -> None:
    shallow, deep = sorted((shallow, deep))
    short, long = sorted((short, long))
    assert rules.load(shallow, long) <= rules.load(deep, long)
    assert rules.load(deep, short) <= rules.load(deep, long)


@examples(200)
@given(policies, calendars, sale("NEW"))
def test_a_deeper_sale_never_passes_where_a_shallower_was_blocked(
    limits: Limits, others: list[Sale], asked: Sale
) -> None:
    if asked.depth == 0.15:
        return
    deeper = Sale("NEW", "", asked.opens_at, asked.closes_at, float(asked.depth) + 0.1)
    if rules.verdict(limits, others, asked).blocked:
        assert rules.verdict(limits, others, deeper).blocked


@examples(200)
@given(calendars, hours)
def test_the_score_is_the_sum_of_decayed_loads(others: list[Sale], hour: int) -> None:
    at = START + hour * HOUR
    assert abs(rules.score(others, at) - _score(others, at, Decimal(21))) < 1e-6


@given(calendars)
def test_heat_is_never_below_the_score_of_any_instant(others: list[Sale]) -> None:
    days = rules.heat(Limits(zone="UTC"), others, START.date(), 20)
    instants = [START + n * HOUR for n in range(20 * 24)]
    for at, following in pairwise(instants):
        day = (at - START).days
        assert days[day] >= rules.score(others, at) - 1e-9, (at, following)
