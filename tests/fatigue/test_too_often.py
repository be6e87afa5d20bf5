"""A whole calendar looked at at once agrees with a verdict on every single sale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fatigue.rules import (
    FREE,
    Book,
    Counts,
    Judge,
    Limits,
    Rule,
    Sale,
    Tone,
    too_often,
)
from console.fatigue.rules.too_often import Turns, broken
from tests.examples import examples

T = datetime(2026, 10, 20, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Sold = tuple[Sale, frozenset[int]]
Told = set[tuple[Rule, int, str, str]]
"""Rule, SKU, and codes of the sale and of the one before it."""


def sale(at: datetime, hours: float = 2, code: str = "FS-1") -> Sale:
    return Sale(code, code.title(), at, at + hours * HOUR, 0.3)


def in_order(calendar: Iterable[Sold]) -> list[Sold]:
    def place(row: Sold) -> tuple[datetime, datetime, str]:
        return row[0].opens_at, row[0].closes_at, row[0].code

    return sorted(calendar, key=place)


def turns(calendar: Iterable[Sold]) -> Turns:
    rows = in_order(calendar)
    book = Book.of(one for one, _ in rows)
    skus = [sku for _, skus in rows for sku in sorted(skus)]
    counts = [len(skus) for _, skus in rows]
    return Turns.of(
        book.opens,
        book.closes,
        np.array(skus, dtype=np.int32),
        np.array(counts, dtype=np.int32),
    )


def at_once(limits: Limits, calendar: Iterable[Sold]) -> Told:
    codes = [one.code for one, _ in in_order(calendar)]
    return {
        (one.rule, int(sku), codes[place], codes[before])
        for one in broken(limits, turns(calendar))
        for sku, place, before in zip(one.sku, one.sale, one.before, strict=True)
    }


def one_by_one(limits: Limits, calendar: Iterable[Sold]) -> set[tuple[Rule, int, str]]:
    """The slow way: a judge for each SKU of each sale; he knows the sales before."""
    rows, found = in_order(calendar), set()
    for place, (asked, skus) in enumerate(rows):
        for sku in skus:
            earlier = [other for other, theirs in rows[:place] if sku in theirs]
            judge = Judge(limits, earlier, asked)
            found |= {
                (reason.rule, sku, asked.code)
                for reason in judge.reasons(asked.opens_at)
                if reason.tone is Tone.BLOCK
            }
    return found


@st.composite
def calendars(draw: st.DrawFn) -> list[Sold]:
    found = []
    for number in range(draw(st.integers(0, 10))):
        at = T + draw(st.integers(0, 24 * 60)) * HOUR
        hours = draw(st.sampled_from([1, 2, 15, 24, 48, 480]))
        skus = draw(st.frozensets(st.integers(0, 3), min_size=1))
        found.append((sale(at, hours, f"FS-{number}"), skus))
    return found


policies = st.builds(
    replace,
    st.just(FREE),
    min_gap_days=st.sampled_from([0, 1, 3, 14]),
    gap_counts=st.sampled_from(Counts),
    max_sales=st.sampled_from([0, 1, 2, 3]),
    window_days=st.sampled_from([1, 7, 30]),
    window_counts=st.sampled_from(Counts),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)


@examples(400)
@given(policies, calendars(), st.sampled_from([1, 3, 50_000]))
def test_all_at_once_agrees_with_a_verdict_on_each(
    limits: Limits, calendar: list[Sold], part: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(too_often, "PART", part)
        found = at_once(limits, calendar)
    wanted = one_by_one(limits, calendar)
    assert {(rule, sku, code) for rule, sku, code, _ in found} == wanted


@examples(200)
@given(policies, calendars())
def test_the_sale_before_is_the_cause_of_each(
    limits: Limits, calendar: list[Sold]
) -> None:
    """With that sale alone the rest is broken; a cap needs those between as well."""
    known = {one.code: one for one, _ in calendar}
    order = [one.code for one, _ in in_order(calendar)]
    for rule, sku, code, before in at_once(limits, calendar):
        assert order.index(before) < order.index(code)
        between = order[order.index(before) : order.index(code)]
        mine = {one.code for one, skus in calendar if sku in skus}
        others = [before] if rule is Rule.MIN_GAP else [c for c in between if c in mine]
        if rule is Rule.MAX_SALES:
            assert len(others) == limits.max_sales
        judge = Judge(limits, [known[other] for other in others], known[code])
        said = judge.reasons(known[code].opens_at)
        assert rule in {one.rule for one in said if one.tone is Tone.BLOCK}


def test_rest_that_is_just_over_is_kept() -> None:
    limits = replace(FREE, min_gap_days=2, gap_counts=Counts.ROLLING)
    first = sale(T, 2)
    over = first.closes_at + 2 * DAY
    for opens, count in ((over, 0), (over - timedelta(microseconds=1), 1)):
        second = sale(opens, code="FS-2")
        both = [(first, frozenset({7})), (second, frozenset({7}))]
        assert len(at_once(limits, both)) == count


def test_a_sale_that_leaves_the_window_makes_room() -> None:
    limits = replace(FREE, max_sales=2, window_days=9, window_counts=Counts.ROLLING)
    for days, count in ((9, 0), (8.999, 1)):
        three = [
            (sale(T + at * DAY, 1, f"FS-{at}"), frozenset({1})) for at in (0, 4, days)
        ]
        assert len(at_once(limits, three)) == count


def test_other_products_are_never_mixed_in() -> None:
    limits = replace(FREE, min_gap_days=14, max_sales=1)
    apart = [(sale(T + n * DAY, 1, f"FS-{n}"), frozenset({n})) for n in range(5)]
    assert at_once(limits, apart) == set()


def test_a_product_can_be_looked_at_alone_or_left_out() -> None:
    limits = replace(FREE, min_gap_days=14)
    twice = [(sale(T + n * DAY, 1, f"FS-{n}"), frozenset({3, 5})) for n in range(2)]
    for rows, skus in (
        (turns(twice).only([5]), [5]),
        (turns(twice).without([5]), [3]),
        (turns(twice).without([3, 5]), []),
        (turns(twice).only([4]), []),
    ):
        found = [one.skus().tolist() for one in broken(limits, rows)]
        assert found == ([skus] if skus else [])


def test_what_is_wrong_is_said_as_a_verdict_says_it() -> None:
    limits = replace(
        FREE, min_gap_days=14, max_sales=1, gap_counts=Counts.ROLLING, zone="UTC"
    )
    first, second = sale(T, 2), sale(T + 3 * DAY, code="FS-2")
    both = [(first, frozenset({1})), (second, frozenset({1}))]
    said = [one.said(first, second) for one in broken(limits, turns(both))]
    assert said == [
        "2.9 d after Fs-1 (FS-1); rest is 14 d, rolling days of 24 h",
        "2 sales in 90 days (calendar days in UTC; at most 1), the first of them "
        "Fs-1 (FS-1)",
    ]
    judged = Judge(limits, [first], second).reasons(second.opens_at)
    assert said[0] in [reason.text for reason in judged]
