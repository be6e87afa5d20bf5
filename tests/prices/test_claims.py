"""What may be said of a reduction, and patterns that make one doubtful."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.prices import rules
from console.prices.rules import Claim, Guard, Level, Offer, Run
from tests.prices.test_rules import FLASH, RAISED, ZONE, at, history

FEW = {f"S{n:02}": 50 if n == 7 else 20 for n in range(25)}


def test_a_claim_is_spelled_from_the_prior_price() -> None:
    claim = Claim(D(119), D("78.50"), "EUR")
    assert (claim.percent, claim.badge, claim.strike) == (34, "−34%", 119)
    assert claim.lowest == "Lowest price of the last 30 days: €119.00"


@pytest.mark.parametrize("prior", [D("1.29"), D("1.20"), None])
def test_without_a_reduction_nothing_is_struck_through(prior: D | None) -> None:
    """The pattern of the court: list 1.69, prior 1.29, sale 1.29."""
    claim = Claim(prior, D("1.29"), "EUR")
    assert (claim.percent, claim.badge, claim.strike, claim.lowest) == (0, "", None, "")


@given(st.decimals(1, 999, places=2), st.decimals(1, 999, places=2))
def test_strike_through_is_the_prior_price_or_nothing(prior: D, sale: D) -> None:
    claim = Claim(prior, sale, "EUR")
    assert bool(claim.badge) == bool(claim.lowest) == (claim.strike == prior)


@pytest.mark.parametrize(
    "amount,currency,shown",
    [("1234.5", "EUR", "€1,234.50"), ("80", "JPY", "¥80"), ("80.5", "JPY", "¥80.5"),
     ("1.5", "KWD", "KWD 1.500")],
)  # fmt: skip
def test_money_is_spelled_and_never_rounded(
    amount: str, currency: str, shown: str
) -> None:
    assert rules.spell(D(amount), currency) == shown


def test_up_to_fails_with_the_list_when_too_few_items_reach_it() -> None:
    """1 of 25 items is 4%."""
    found = rules.up_to(FEW, 50)
    assert (found.enough, found.reach, found.best) == (False, ["S07"], 20)
    assert found.text == (
        "1 of 25 items reach 50% (S07); at least 10% must. "
        'Say "up to 20%".'
    )  # fmt: skip


def test_up_to_passes_at_the_threshold_of_the_pack() -> None:
    assert rules.up_to(FEW, 50, D("0.04")).enough
    assert not rules.up_to(FEW, 50, D("0.041")).enough
    assert not rules.up_to({}, 50).enough


@given(st.dictionaries(st.text("ab", max_size=5), st.integers(0, 90), min_size=1))
def test_the_best_up_to_passes_and_one_more_fails(claims: dict[str, int]) -> None:
    best = rules.up_to(claims, 0).best
    assert rules.up_to(claims, best).enough
    assert not rules.up_to(claims, best + 1).enough


def test_a_raise_twelve_days_before_is_named_with_the_first_clean_date() -> None:
    found = rules.raised(RAISED, at("11-01"), ZONE)
    assert found is not None
    assert (found.days, found.clean_at) == (12, at("11-19"))
    assert "raised from €90.00 to €100.00 12 days before" in found.told("EUR")
    assert "first clean start is 19 Nov 2026" in found.told("EUR")


@pytest.mark.parametrize("points,when", [
    (RAISED, "11-19"),
    (FLASH, "11-27"),
    (history(("01-01", 100), ("11-20", 90)), "11-27"),
])  # fmt: skip
def test_what_is_clean_is_not_named(points: list[rules.Point], when: str) -> None:
    assert rules.raised(points, at(when), ZONE) is None


@given(st.integers(0, 330 * 24))
def test_the_first_clean_date_is_clean_and_an_hour_before_is_not(hours: int) -> None:
    up = at("01-20") + timedelta(hours=hours)
    points = [rules.Point(at("01-01"), D(90)), rules.Point(up, D(100))]
    found = rules.raised(points, up + timedelta(days=1), ZONE)
    assert found is not None
    assert rules.prior_price(points, found.clean_at, ZONE) == 100
    early = found.clean_at - timedelta(hours=1, seconds=1)
    assert rules.prior_price(points, early, ZONE) == 90


def test_the_share_of_the_time_on_sale_is_measured() -> None:
    always = history(("01-01", 100), ("09-01", 80))
    assert rules.on_sale_share(always, at("11-27"), ZONE) > D("0.9")
    half = [rules.Point(at("11-07"), D(9)), rules.Point(at("11-17"), D(8), sale=True)]
    assert rules.on_sale_share(half, at("11-27"), ZONE) == D("0.5")
    assert rules.on_sale_share([], at("11-27"), ZONE) is None


def test_a_sale_without_end_is_found() -> None:
    always = history(("01-01", 100), ("09-01", 80))
    assert rules.perpetual(always, at("11-27"), ZONE)
    assert rules.perpetual(FLASH, at("11-27"), ZONE) is None


def run(code: str, opens: str, closes: str, depths: dict[str, int]) -> Run:
    return Run(code, code, at(opens), at(closes), depths)


HALF = run("X", "11-01", "11-08", {"X": 50})


def test_half_off_one_then_half_off_everything_is_a_follow_on() -> None:
    everything = run("ALL", "11-09", "11-12", {"X": 50, "Y": 50, "Z": 50})
    (found,) = rules.follow_ons(HALF, [everything, HALF])
    assert (found.skus, found.days) == (["X"], 1)
    assert "ALL offers as much off 1 of the same SKUs 1 day after" in found.text


@pytest.mark.parametrize("other", [
    run("LATER", "11-22", "11-25", {"X": 50}),
    run("WEAKER", "11-09", "11-12", {"X": 44}),
    run("OTHER", "11-09", "11-12", {"Y": 50}),
    run("BEFORE", "11-01", "11-08", {"X": 50}),
])  # fmt: skip
def test_what_is_later_weaker_or_of_other_products_is_none(other: Run) -> None:
    assert rules.follow_ons(HALF, [other]) == []


def offer(sale: str, regular: str = "100", currency: str = "EUR") -> Offer:
    return Offer("A", D(regular), D(sale), currency)


@pytest.mark.parametrize("role,sale,blocked", [
    ("merchandiser", "50", False),
    ("merchandiser", "49.99", True),
    ("approver", "30", False),
    ("approver", "29.99", True),
    ("admin", "10", False),
    ("viewer", "99", True),
])  # fmt: skip
def test_each_role_goes_only_so_deep(role: str, sale: str, blocked: bool) -> None:
    found = rules.check_depth(offer(sale), [role])
    assert (found is not None) is blocked
    assert found is None or (found.guard, found.level) == (Guard.ROLE, Level.BLOCK)


def test_the_deepest_of_several_roles_counts() -> None:
    assert rules.check_depth(offer("30"), ["merchandiser", "approver"]) is None
    found = rules.check_depth(offer("5"), ["admin"])
    assert found and found.text.endswith("Raise the price.")


@pytest.mark.parametrize("sale,currency,caught", [
    ("9900", "EUR", True),
    ("60", "EUR", False),
    ("60", "JPY", True),
    ("9900", "JPY", False),
    ("1", "EUR", False),
])  # fmt: skip
def test_a_price_of_another_currency_is_caught(
    sale: str, currency: str, caught: bool
) -> None:
    known = {"EUR": D(80), "JPY": D(12_800)}
    found = rules.check_currency(offer(sale, "80", currency), known)
    assert (found is not None) is caught
    assert found is None or found.level is Level.CONFIRM
    confirmed = Offer("A", D(80), D(sale), currency, confirmed=True)
    assert rules.check_currency(confirmed, known) is None


def test_the_mixed_up_price_is_explained() -> None:
    found = rules.check_currency(offer("9900", "80"), {"JPY": D(12_800)})
    assert found and found.text == (
        "€9,900.00 does not fit the price of A, €80.00, but would fit ¥12,800: "
        "is it in JPY? Correct it, or confirm that it is meant."
    )
