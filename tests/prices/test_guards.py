"""Guards over a price: what each says, and which may be passed over."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from console.prices import rules
from console.prices.rules import Guard, Level, Offer


def found(**offer: object) -> dict[Guard, Level]:
    values = {"sku": "A", "prior": D(100), "regular": D(100)} | offer
    findings = rules.check_offer(Offer(**values))  # type: ignore[arg-type]
    return {finding.guard: finding.level for finding in findings}


@pytest.mark.parametrize(
    "regular,sale,slips",
    [
        ("2999", "29.99", True),
        ("100", "14.99", True),
        ("100", "15.00", False),
        ("49.90", "4.99", True),
    ],
)
def test_decimal_slips_are_caught_and_may_be_confirmed(
    regular: str, sale: str, slips: bool
) -> None:
    prices = {"regular": D(regular), "prior": D(regular), "sale": D(sale)}
    assert (found(**prices).get(Guard.DECIMAL_SLIP) is Level.CONFIRM) is slips
    assert Guard.DECIMAL_SLIP not in found(**prices, confirmed=True)


@pytest.mark.parametrize(
    "offer,expected",
    [
        ({"sale": D(80)}, {}),
        ({"sale": D(0)}, {Guard.NOT_POSITIVE: Level.BLOCK}),
        (
            {"sale": D(100)},
            {Guard.NOT_LOWER: Level.BLOCK, Guard.PRIOR: Level.BLOCK},
        ),
        ({"sale": D(80), "cost": D("76.19")}, {}),
        ({"sale": D(80), "cost": D("76.20")}, {Guard.FLOOR: Level.BLOCK}),
        ({"sale": D(50)}, {}),
        ({"sale": D("49.99")}, {Guard.DEPTH: Level.APPROVER}),
        ({"sale": D("80.5"), "currency": "JPY"}, {Guard.CURRENCY: Level.BLOCK}),
        ({"sale": D("80.125"), "currency": "KWD"}, {}),
        ({"sale": D("80.125")}, {Guard.CURRENCY: Level.BLOCK}),
        ({"sale": D(80), "prior": None}, {Guard.NO_HISTORY: Level.WARN}),
        ({"sale": D(80), "prior": D(80)}, {Guard.PRIOR: Level.BLOCK}),
        ({"sale": D("79.50"), "prior": D(80)}, {Guard.CLAIM: Level.WARN}),
    ],
)
def test_guards(offer: dict[str, object], expected: dict[Guard, Level]) -> None:
    assert found(**offer) == expected


@pytest.mark.parametrize(
    "offer,guard",
    [
        ({"sale": D(80), "prior": D(80)}, Guard.PRIOR),
        ({"sale": D(80), "prior": None}, Guard.NO_HISTORY),
    ],
)
def test_where_no_law_measures_reductions_the_30_day_low_is_advice(
    offer: dict[str, object], guard: Guard
) -> None:
    assert found(**offer, advised=True) == {guard: Level.WARN}
    values = {"sku": "A", "regular": D(100), "advised": True} | offer
    (said,) = rules.check_offer(Offer(**values))  # type: ignore[arg-type]
    assert "may be announced" not in said.text
    assert "reduction is real" in said.text


def test_a_guard_says_the_way_out() -> None:
    offer = Offer("A", D(169), D(119), prior=D(119), prior_from="set on 4 Nov")
    (finding,) = rules.check_offer(offer, min_claim=20)
    assert finding.suggest == D("95.20")
    assert finding.text == (
        "€119.00 is not below the 30-day low of €119.00, set on 4 Nov. "
        "Highest price for a 20% reduction is €95.20."
    )


@pytest.mark.parametrize(
    ("sale", "text"),
    [
        ("48.3", "51.7% off needs 2 approvers (above 50%)."),
        ("20", "80.0% off needs 3 approvers (above 75%)."),
    ],
)
def test_a_deep_line_says_how_many_approvers_it_needs(sale: str, text: str) -> None:
    (deep,) = rules.check_offer(Offer("A", D(100), D(sale), prior=D(100)))
    assert deep.text == text


def test_the_depths_that_need_more_approvers_can_be_others() -> None:
    offer = Offer("A", D(100), D(60), prior=D(100))
    assert not rules.check_offer(offer)
    (deep,) = rules.check_offer(offer, deep=((2, D("0.355")),))
    assert deep.text == "40.0% off needs 2 approvers (above 35.5%)."


def test_a_floor_is_named_in_whole_coins() -> None:
    offer = Offer("A", D(100), D(1), prior=D(100), cost=D("10.001"), confirmed=True)
    (floor,) = [f for f in rules.check_offer(offer) if f.guard is Guard.FLOOR]
    assert floor.suggest == D("10.51")


def test_lines_far_deeper_than_the_middle_are_named() -> None:
    usual = [Offer(f"S{n}", D(100), D(80)) for n in range(5)]
    assert rules.outliers(usual) is None
    finding = rules.outliers([*usual, Offer("DEEP", D(100), D("59.99"))])
    assert finding is not None
    assert "1 of 6" in finding.text
    assert "DEEP" in finding.text
    assert rules.outliers([]) is None
