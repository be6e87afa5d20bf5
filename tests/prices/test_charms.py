"""Ways of setting prices, by a table worked out by hand, in three kinds of currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.prices.rules import BadPrice
from console.prices.rules.charms import Charm, Pricing, charmed
from console.prices.rules.money import Method, fits

GOLDEN = """
EUR fixed               79     -  119.00  99.00  79.00
EUR fixed               79.50  99 119.00  99.00  78.99
EUR percent_off_regular 25     -  119.00  99.00  89.25
EUR percent_off_regular 25     99 119.00  99.00  88.99
EUR percent_off_regular 25     95 119.00  99.00  88.95
EUR percent_off_regular 33     -   99.99  99.00  66.99
EUR percent_off_prior   20     -  119.00  99.00  79.20
EUR percent_off_prior   20     99 119.00  99.00  78.99
EUR amount_off          20     -  119.00  99.00  99.00
EUR amount_off          20     99 119.00  99.00  98.99
EUR percent_off_regular 50     99   1.29   1.29   0.64
JPY percent_off_regular 20     -  2480    2400   1984
JPY percent_off_regular 20     99 2480    2400   1899
JPY percent_off_regular 20     95 2480    2400   1895
JPY percent_off_regular 33     -  1000    1000    670
JPY percent_off_prior   10     99 2480    2400   2099
JPY amount_off          500    99 2480    2400   1899
JPY fixed               80     99  100     100     80
KWD percent_off_regular 10     -  12.345 12.000 11.110
KWD percent_off_regular 10     99 12.345 12.000 10.990
KWD percent_off_regular 10     95 12.345 12.000 10.950
KWD percent_off_prior   10     -  12.345 11.111  9.999
KWD amount_off          0.345  -  12.345 12.000 12.000
KWD amount_off          0.345  99 12.345 12.000 11.990
"""
ROWS = [row.split() for row in GOLDEN.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_golden_table(row: list[str]) -> None:
    currency, method, value, ending, regular, prior, expected = row
    charm = Charm("" if ending == "-" else ending)
    pricing = Pricing(Method(method), Decimal(value), charm)
    price = pricing.price(Decimal(regular), Decimal(prior), currency)
    assert price == Decimal(expected)
    assert fits(price, currency)


def test_without_a_history_there_is_no_prior_price_to_reduce() -> None:
    pricing = Pricing(Method.PERCENT_OFF_PRIOR, Decimal(20))
    with pytest.raises(BadPrice):
        pricing.price(Decimal(100), None, "EUR")


@given(
    st.decimals("0.01", "99999", places=3),
    st.sampled_from(Charm),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_a_charm_never_raises_a_price_nor_makes_it_nothing(
    amount: Decimal, charm: Charm, currency: str
) -> None:
    price = charmed(amount, charm, currency)
    assert 0 < price <= amount
    step = 100 if currency == "JPY" else 1
    assert amount - price <= step


def test_it_says_itself_in_words() -> None:
    percent = Pricing(Method.PERCENT_OFF_REGULAR, Decimal("20.0"), Charm.NINES)
    assert str(percent) == "20% off the regular price, ends in .99"
    assert str(Pricing(Method.FIXED, Decimal(80))) == "Fixed price 80"
