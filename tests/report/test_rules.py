"""The arithmetic of a report, against numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.report import rules


def test_shares_and_what_is_over() -> None:
    assert rules.share(16_944, 18_430) == pytest.approx(0.9194, abs=1e-4)
    assert rules.share(1, 0) is None
    assert rules.over(Decimal(108), Decimal(100)) == pytest.approx(0.08)
    assert rules.over(5, None) is None


def test_half_of_the_orders_are_in_with_the_middle_one() -> None:
    places = [rules.median_place(count) for count in (0, 1, 2, 3, 4, 5)]
    assert places == [None, 0, 0, 1, 1, 2]


def test_the_forecast_brings_its_peak_in_the_first_minute() -> None:
    assert rules.expected(60, 0, 60) == pytest.approx(60)
    assert rules.expected(60, 0, 86_400) == pytest.approx(400)
    assert rules.expected(60, -60, 0) == 0


@given(st.floats(0.5, 5_000_000))
def test_a_curve_has_at_most_240_points(length: float) -> None:
    assert length / rules.width_s(length) <= rules.MOST_POINTS


def test_orders_wait_from_acceptance_until_they_are_sent() -> None:
    assert rules.waiting([3, 2, 0, 0], [0, 1, 3, 1]) == [3, 4, 1, 0]


def said(**values: object) -> str:
    usual = {"revenue": Decimal(1085), "target": Decimal(1000), "sold": 919}
    usual |= {"sellable": 1000, "oversold": 0, "over_yet": True}
    return str(rules.verdict(**(usual | values)))  # type: ignore[arg-type]


def test_the_result_is_one_sentence() -> None:
    assert said() == (
        "Beat its target by 8.5% and sold 91.9% of the stock. Nothing was oversold."
    )
    assert said(revenue=Decimal(900)).startswith("Missed its target by 10.0% and sold")
    assert said(target=None).startswith("Sold 91.9% of the stock.")
    assert said(oversold=3).endswith("3 units were oversold.")


def test_while_it_runs_the_sentence_claims_nothing_final() -> None:
    assert said(over_yet=False, revenue=Decimal(250)) == (
        "Has taken 25.0% of its target and has sold 91.9% of the stock."
        " Nothing is oversold."
    )
    nothing = said(over_yet=False, revenue=Decimal(0), sold=0)
    assert nothing == "Nothing is sold yet. Nothing is oversold."


MOVES = [
    ("free", "pool", False, 100),
    ("pool", "buffer", False, 10),
    ("pool", "free", False, 20),
    ("pool", "reserved", False, 40),
    ("reserved", "pool", False, 5),
    ("reserved", "sold", False, 35),
]
BACK = [
    ("buffer", "pool", True, 10),
    ("pool", "free", True, 45),
    ("sold", "committed", True, 35),
]


def test_every_unit_is_somewhere_while_the_sale_has_them() -> None:
    told = rules.balance(MOVES)
    assert told == rules.Balance(
        locked=80, sold=35, unsold=0, buffer=0, reserved=0, left=45
    )
    assert told.balanced


def test_every_unit_is_somewhere_once_they_went_back() -> None:
    told = rules.balance(MOVES + BACK)
    assert told == rules.Balance(
        locked=80, sold=35, unsold=35, buffer=10, reserved=0, left=0
    )
    assert told.balanced


def test_what_is_shipped_taken_back_or_cancelled_later_changes_no_sale() -> None:
    later = [
        ("committed", "shipped", False, 20),
        ("committed", "free", False, 3),
        ("shipped", "returned", False, 2),
        ("returned", "free", False, 2),
    ]
    assert rules.balance(MOVES + BACK + later) == rules.balance(MOVES + BACK)


def test_a_unit_from_nowhere_is_found() -> None:
    assert not rules.balance([*MOVES, ("outside", "sold", False, 1)]).balanced


def test_the_seal_is_of_the_content_not_of_its_order() -> None:
    assert rules.seal({"a": 1, "b": [1.5]}) == rules.seal({"b": [1.5], "a": 1})
    assert rules.seal({"a": 1}) != rules.seal({"a": 2})
