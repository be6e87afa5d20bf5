"""The look-ahead against every claim recomputed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from console.prices import operations, queries, rules
from console.prices.operations import Note
from console.prices.rules import Point, Reason
from console.prices.rules.lookahead import (
    REGULAR,
    UNOWNED,
    Fall,
    Histories,
    falls,
)
from console.prices.rules.offers import instant
from console.prices.rules.planned import Packed, Planned
from tests.prices.test_rules import ZONE, at

HOUR = timedelta(hours=1)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
SKUS = ("A", "B")
NOTHING = Decimal(10**6)
"""Stands for a time without any price; dearer than all."""

Row = tuple[str, datetime, Decimal, str | None]


def sale(
    code: str, opens: str, closes: str, prices: dict[str, int], name: str = ""
) -> Planned:
    exact = {sku: Decimal(price) for sku, price in prices.items()}
    return Planned(code, name or code, at(opens), at(closes), exact)


def ahead(rows: Iterable[Row], *sales: Planned, **more: Any) -> list[Fall]:
    """The falls once the first of these sales is planned beside the others."""
    proposed, *planned = sales
    old = more.get("instead_of")
    everyone = (*sales, *([old] if old else []))
    said = {"zone": ZONE, "now": NOW} | more
    return falls({"web": columns(rows, everyone)}, planned, proposed, **said)


def columns(rows: Iterable[Row], sales: Sequence[Planned]) -> Histories:
    """Rows in the order they were written, as the look-ahead reads them."""
    skus = sorted({sku for one in sales for sku in one.prices})
    codes = sorted({one.code for one in sales})
    owners = {None: REGULAR} | {code: n for n, code in enumerate(codes)}
    table = [
        (
            skus.index(sku),
            instant(since),
            serial,
            int(amount * 1000),
            owners.get(code, UNOWNED),
        )
        for serial, (sku, since, amount, code) in enumerate(rows)
        if sku in skus
    ]
    return Histories(skus, codes, *np.array(table, np.int64).reshape(-1, 5).T)


STEADY: list[Row] = [("A", at("01-01"), Decimal(100), None)]
BLACK = sale("BF", "11-27", "11-30", {"A": 60}, "Black Friday")


def test_a_sale_in_the_window_lowers_the_claim_of_black_friday() -> None:
    (fall,) = ahead(STEADY, sale("FS-1", "11-10", "11-12", {"A": 70}), BLACK)
    assert fall.text == "Black Friday claim falls 40% → 14%"
    assert (fall.skus, fall.of, fall.worst) == (1, 1, "A")


def test_a_sale_that_is_over_in_time_takes_nothing_away() -> None:
    (fall,) = ahead(STEADY, sale("FS-1", "10-28", "10-30", {"A": 70}), BLACK)
    assert fall.close_by == at("10-28")
    assert ahead(STEADY, sale("FS-1", "10-26", "10-28", {"A": 70}), BLACK) == []


def test_a_move_is_compared_with_where_the_sale_was() -> None:
    old = sale("FS-1", "11-10", "11-12", {"A": 70})
    later = sale("FS-1", "11-12", "11-14", {"A": 70})
    assert ahead(STEADY, later, BLACK, instead_of=old) == []
    sooner = sale("FS-1", "10-22", "10-23", {"A": 70})
    (fall,) = ahead(STEADY, old, BLACK, instead_of=sooner)
    assert (fall.before, fall.after) == (40, 14)


def test_a_live_sale_is_taken_to_end_when_planned() -> None:
    live: list[Row] = [*STEADY, ("A", at("10-19"), Decimal(70), "FS-1")]
    planned = sale("FS-1", "10-19", "10-21", {"A": 70})
    assert ahead(live, planned, BLACK, instead_of=planned) == []
    longer = sale("FS-1", "10-19", "11-01", {"A": 70})
    (fall,) = ahead(live, longer, BLACK, instead_of=planned)
    assert fall.text == "Black Friday claim falls 40% → 14%"


def test_where_the_headline_holds_the_worst_sku_is_named() -> None:
    rows = [(sku, at("01-01"), Decimal(100), None) for sku in "ABC"]
    black = sale("BF", "11-27", "11-30", dict.fromkeys("ABC", 60), "Black Friday")
    (fall,) = ahead(rows, sale("FS-1", "11-10", "11-12", {"B": 70}), black)
    assert fall.text == (
        "Black Friday claim falls for 1 of 3 SKUs, most for B: 40% → 14%"
    )


def test_a_sale_that_has_begun_cannot_fall() -> None:
    begun = sale("FS-0", "10-19", "10-25", {"A": 60})
    assert ahead(STEADY, sale("FS-1", "10-10", "10-18", {"A": 50}), begun) == []


def test_without_history_nothing_falls() -> None:
    assert ahead([], sale("FS-1", "11-10", "11-12", {"A": 70}), sale("BF", "12-12",
        "12-13", {"A": 60})) == []  # fmt: skip


# Recomputed one by one


def _base(rows: Sequence[Row], ends: dict[str, datetime], when: datetime) -> Any:
    """What the history says is charged at an instant; sales end when planned."""
    latest = {since: (amount, code) for _, since, amount, code in rows}
    past = sorted(since for since in latest if since <= when)
    if not past:
        return None
    amount, code = latest[past[-1]]
    if code not in ends or past[-1] != max(latest) or when < ends[code]:
        return amount
    regular = [latest[since][0] for since in past if latest[since][1] is None]
    return regular[-1] if regular else None


def _claims(
    rows: Sequence[Row], sales: Sequence[Planned], of: Planned, sku: str
) -> int:
    """The claim of one SKU in one sale, from a timeline written out in full."""
    mine = [row for row in rows if row[0] == sku]
    ends = {one.code: max(one.closes_at, NOW) for one in sales}
    others = [one for one in sales if one.code != of.code and sku in one.prices]
    turns = {row[1] for row in mine} | set(ends.values())
    turns |= {turn for one in others for turn in (one.opens_at, one.closes_at)}
    turns.add(rules.window_start(of.opens_at, ZONE))
    timeline = []
    for turn in sorted(turns):
        base = _base(mine, ends, turn)
        asked = [] if base is None else [base]
        asked += [
            one.prices[sku] for one in others if one.opens_at <= turn < one.closes_at
        ]
        timeline.append(Point(turn, min(asked, default=NOTHING)))
    prior = rules.prior_price(timeline, of.opens_at, ZONE)
    return 0 if prior == NOTHING else rules.claimable(prior, of.prices[sku])


prices = st.integers(50, 100).map(Decimal)
spots = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + hours * HOUR)
codes = st.sampled_from([None, None, "P", "S0", "S1", "S2", ""])
histories = st.lists(
    st.tuples(st.sampled_from(SKUS), spots.filter(lambda s: s <= NOW), prices, codes),
    max_size=6,
)


@st.composite
def sales(draw: Any, code: str) -> Planned:
    opens = draw(spots)
    offered = draw(st.dictionaries(st.sampled_from(SKUS), prices, min_size=1))
    closes = opens + draw(st.integers(1, 40 * 24)) * HOUR
    return Planned(code, code, opens, closes, offered)


@given(
    histories,
    st.tuples(*(sales(f"S{n}") for n in range(3))),
    sales("P"),
    st.none() | sales("P"),
)
def test_it_equals_the_recomputation_of_every_later_claim(
    rows: list[Row], planned: tuple[Planned, ...], proposed: Planned, old: Any
) -> None:
    found = {
        fall.code: fall for fall in ahead(rows, proposed, *planned, instead_of=old)
    }
    before = [*planned, *([old] if old else [])]
    for one in planned:
        was = {sku: _claims(rows, before, one, sku) for sku in one.prices}
        will = {
            sku: _claims(rows, [*planned, proposed], one, sku) for sku in one.prices
        }
        lost = {sku: was[sku] - will[sku] for sku in was}
        if one.opens_at <= NOW or max(lost.values()) <= 0:
            assert one.code not in found
            continue
        fall = found[one.code]
        assert fall.skus == sum(gap > 0 for gap in lost.values())
        assert lost[fall.worst] == max(lost.values())
        assert (fall.worst_before, fall.worst_after) == (
            was[fall.worst],
            will[fall.worst],
        )
        assert (fall.before, fall.after) == (
            sorted(was.values())[(len(was) - 1) // 2],
            sorted(will.values())[(len(will) - 1) // 2],
        )


def packed(one: Planned) -> Planned:
    """The same sale with its prices as columns."""
    places = [SKUS.index(sku) for sku in one.prices]
    amounts = [int(price * 1000) for price in one.prices.values()]
    columns = np.array(places, np.int64), np.array(amounts, np.int64)
    return replace(one, prices=Packed(SKUS, *columns))


@given(histories, st.tuples(*(sales(f"S{n}") for n in range(3))), sales("P"))
def test_prices_packed_into_columns_say_the_same(
    rows: list[Row], planned: tuple[Planned, ...], proposed: Planned
) -> None:
    assert dict(packed(proposed).prices) == proposed.prices
    found = ahead(rows, proposed, *map(packed, planned))
    assert found == ahead(rows, proposed, *planned)


@pytest.mark.django_db
def test_the_database_says_the_same_as_the_rows() -> None:
    live = sale("FS-1", "10-19", "10-21", {"A": 62})
    operations.note_all(
        [
            Note("A", Decimal(100), at("01-01")),
            Note("A", Decimal("79.12"), at("11-02"), Reason.SALE, campaign="FS-0"),
            Note("A", Decimal(100), at("11-04"), Reason.REVERT, campaign="FS-0"),
            Note("B", Decimal(90), at("01-01")),
            Note("B", Decimal(62), at("10-19"), Reason.SALE, campaign="FS-1"),
            Note("A", Decimal(1), at("01-01"), currency="USD"),
            Note("A", Decimal(1), at("01-01"), channel="app"),
        ]
    )
    black = sale("BF", "11-27", "11-30", {"A": 60, "B": 60, "C": 60}, "Black Friday")
    more = sale("FS-2", "11-10", "11-12", {"A": 70, "B": 70})
    (fall,) = queries.look_ahead([black, live], more, now=NOW)
    assert (fall.before, fall.after, fall.skus, fall.of) == (24, 14, 2, 3)
    assert (fall.worst, fall.worst_before, fall.worst_after) == ("B", 33, 14)
    assert queries.look_ahead([black, live], more, now=NOW, currency="SEK") == []


@pytest.mark.django_db
def test_the_histories_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    operations.note_all([Note("A", Decimal(100), at("01-01"))])
    with django_assert_num_queries(1):
        assert queries.look_ahead(
            [BLACK], sale("X", "11-10", "11-12", {"A": 70}), now=NOW
        )


@pytest.mark.usefixtures("still_clock")
def test_the_partial_says_what_falls_and_the_way_out() -> None:
    found = ahead(STEADY, sale("FS-1", "11-10", "11-12", {"A": 70}), BLACK)
    text = render_to_string("prices/_lookahead.html", {"falls": found})
    assert "Black Friday claim falls 40% → 14%" in text
    assert "Wed 28 Oct, 00:00" in text
    quiet = render_to_string("prices/_lookahead.html", {"falls": []})
    assert "No later sale may claim less" in quiet
