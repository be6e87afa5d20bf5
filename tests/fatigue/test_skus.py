"""Many SKUs judged at once agree with each SKU judged by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fatigue import rules
from console.fatigue.rules import (
    FREE,
    Book,
    Counts,
    Incidence,
    Judge,
    Limits,
    Panel,
    Sale,
)
from tests.examples import examples

T = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sale(at: datetime, hours: float = 2, code: str = "NEW", depth: float = 0.3) -> Sale:
    return Sale(code, code.title(), at, at + hours * HOUR, depth)


def shared(sales: list[tuple[Sale, set[int]]], count: int = 3) -> Incidence:
    """Sales with the SKUs, 0 to count - 1, that each shares with the plan."""

    def place(row: tuple[Sale, set[int]]) -> tuple[datetime, datetime, str]:
        return row[0].opens_at, row[0].closes_at, row[0].code

    rows = sorted(sales, key=place)
    pairs = sorted(
        (sku, place) for place, (_, skus) in enumerate(rows) for sku in sorted(skus)
    )
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Incidence(
        Book.of(one for one, _ in rows),
        columns[:, 0],
        columns[:, 1],
        count,
        lambda skus: [f"SKU-{sku}" for sku in skus],
    )


def panel(limits: Limits, sales: list[tuple[Sale, set[int]]], asked: Sale) -> Panel:
    return Panel([Judge(limits, shared(sales), asked, scope="Each SKU")])


def apart(limits: Limits, sales: list[tuple[Sale, set[int]]], asked: Sale) -> Panel:
    """The slow way: a judge for each SKU, who sees that SKU's sales only."""
    return Panel(
        [
            Judge(limits, [one for one, skus in sales if sku in skus], asked)
            for sku in range(3)
        ]
    )


def test_a_sale_that_fills_the_limit_of_each_sku_waits_as_if_judged_alone() -> None:
    limits = Limits(half_life_days=Decimal("3.5"), red=80, min_gap_days=0, max_sales=0)
    sales, asked = [(sale(T, 1, "FS-0", 0.15), {0, 2})], sale(T, 96)
    found = panel(limits, sales, asked).earliest(T)
    assert found and found > T + 100 * DAY
    assert found == apart(limits, sales, asked).earliest(T)


starts = st.integers(0, 24 * 120)


@st.composite
def calendars(draw: st.DrawFn) -> list[tuple[Sale, set[int]]]:
    found = []
    for number in range(draw(st.integers(0, 9))):
        at = T + draw(starts) * HOUR
        hours = draw(st.sampled_from([1, 2, 24, 48, 96]))
        depth = draw(st.sampled_from([0.2, 0.3, 0.5]))
        skus = draw(st.sets(st.integers(0, 2), min_size=1))
        found.append((sale(at, hours, f"FS-{number}", depth), skus))
    return found


policies = st.builds(
    replace,
    st.just(FREE),
    min_gap_days=st.sampled_from([0, 3, 14]),
    gap_counts=st.sampled_from(Counts),
    max_sales=st.sampled_from([0, 1, 2, 3]),
    window_days=st.sampled_from([7, 30, 90]),
    window_counts=st.sampled_from(Counts),
    max_share_percent=st.sampled_from([0, 10, 20, 50]),
    share_days=st.sampled_from([10, 30, 90]),
    amber=st.just(20),
    red=st.sampled_from([60, 80, 120]),
    half_life_days=st.sampled_from([Decimal(7), Decimal(21)]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)


@examples(300)
@given(policies, calendars(), starts, st.sampled_from([1, 3, 24, 60]))
def test_all_at_once_agrees_with_one_by_one(
    limits: Limits, sales: list[tuple[Sale, set[int]]], hour: int, hours: int
) -> None:
    asked = sale(T + hour * HOUR, hours)
    fast, slow = panel(limits, sales, asked), apart(limits, sales, asked)
    assert fast.passes(asked.opens_at) == slow.passes(asked.opens_at)
    assert fast.earliest(asked.opens_at) == slow.earliest(asked.opens_at)
    verdict = fast.verdict(asked.opens_at)
    assert verdict.blocked == (not slow.passes(asked.opens_at))


def _on_sale(sales: list[Sale], first: int, days: int, limits: Limits) -> int:
    """Dates on sale from a date on, counted sale by sale and date by date."""
    zone = ZoneInfo(limits.zone)
    count = 0
    for one in sales:
        start = one.opens_at.astimezone(zone).toordinal()
        end = (one.closes_at - timedelta(microseconds=1)).astimezone(zone).toordinal()
        count += sum(first <= date < first + days for date in range(start, end + 1))
    return count


@examples(200)
@given(
    st.sampled_from([10, 20, 40]),
    st.sampled_from([10, 30]),
    calendars(),
    starts,
    st.sampled_from([1, 24, 60]),
)
def test_the_share_of_dates_agrees_with_counting_them(
    percent: int,
    window: int,
    calendar: list[tuple[Sale, set[int]]],
    hour: int,
    hours: int,
) -> None:
    limits = replace(FREE, max_share_percent=percent, share_days=window)
    asked = sale(T + hour * HOUR, hours)
    others = [one for one, _ in calendar]
    date = asked.opens_at.toordinal()
    touched = range(date - window - 3, date + 8)
    fullest = max(
        _on_sale([*others, asked], first, window, limits)
        for first in touched
        if _on_sale([asked], first, window, limits)
    )
    passes = fullest <= percent * window // 100
    assert Panel([Judge(limits, others, asked)]).passes(asked.opens_at) == passes


def test_a_sentence_names_the_skus_and_the_sales_behind_it() -> None:
    limits = replace(FREE, max_sales=2, window_days=90, window_counts=Counts.ROLLING)
    sales = [(sale(T, code="FS-1"), {0, 1}), (sale(T + 20 * DAY, code="FS-2"), {0})]
    found = panel(limits, sales, sale(T + 40 * DAY)).verdict(T + 40 * DAY)
    assert found.reasons[0].text == (
        "1 SKU (SKU-0) would have 3 sales in 90 days (rolling days of 24 h; "
        "at most 2), with Fs-1 (FS-1), Fs-2 (FS-2)"
    )
    assert found.reasons[0].causes == ("FS-1", "FS-2")
    assert found.earliest == T + 90 * DAY


def test_two_sales_of_a_sku_in_ninety_days_at_the_exact_instant() -> None:
    limits = replace(FREE, max_sales=2, window_days=90, window_counts=Counts.ROLLING)
    sales = [(sale(T, code="FS-1"), {0}), (sale(T + 30 * DAY, code="FS-2"), {0})]
    found = panel(limits, sales, sale(T + 60 * DAY))
    assert not found.passes(T + 90 * DAY - timedelta(microseconds=1))
    assert found.passes(T + 90 * DAY)


def test_no_date_helps_a_sale_longer_than_its_share() -> None:
    limits = replace(FREE, max_share_percent=10, share_days=10)
    assert panel(limits, [], sale(T, hours=72)).earliest(T) is None


@pytest.mark.parametrize("count", [0, 2])
def test_skus_without_another_sale_pass(count: int) -> None:
    limits = rules.of_each_sku("Europe/Berlin")
    found = Panel([Judge(limits, shared([], count), sale(T))])
    assert found.verdict(T).blocked is False
