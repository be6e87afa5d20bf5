"""Exact money: minor units of currencies, and the ways a sale price is set."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from enum import StrEnum
from functools import cache

from console.errors import Refusal

_NONE = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
EXPONENTS = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3)
"""Digits after the point, where they are not two. Source: ISO 4217 table A.1."""

SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


class BadPrice(Refusal):
    """A price that cannot be."""

    code = "bad_price"
    status = 422


class Method(StrEnum):
    """How a sale price is set."""

    FIXED = "fixed"
    PERCENT_OFF_REGULAR = "percent_off_regular"
    PERCENT_OFF_PRIOR = "percent_off_prior"
    AMOUNT_OFF = "amount_off"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            Method.FIXED: "Fixed price",
            Method.PERCENT_OFF_REGULAR: "% off the regular price",
            Method.PERCENT_OFF_PRIOR: "% off the 30-day low",
            Method.AMOUNT_OFF: "Amount off the regular price",
        }[self]


def exponent(currency: str) -> int:
    """Digits after the point in this currency: 2, JPY 0, KWD 3."""
    return EXPONENTS.get(currency, 2)


def fits(amount: Decimal, currency: str) -> bool:
    """True if the currency has a coin for it: ¥1,000.50 does not exist."""
    return amount == cut(amount, currency)


def cut(amount: Decimal, currency: str) -> Decimal:
    """The nearest amount at or below that the currency can express.

    Down, so that a promised percentage is never missed by a rounding.
    """
    return amount.quantize(_coin(currency), rounding=ROUND_DOWN)


def lift(amount: Decimal, currency: str) -> Decimal:
    """The nearest amount at or above that the currency can express: for floors."""
    return amount.quantize(_coin(currency), rounding=ROUND_UP)


@cache
def _coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))


def spell(amount: Decimal, currency: str) -> str:
    """`€119.00`, `¥80`; a currency without a sign by its code; never rounded."""
    coin = cut(amount, currency)
    shown = coin if coin == amount else amount
    return f"{SIGNS.get(currency, f'{currency} ')}{shown:,}"


def charm(amount: Decimal, ending: Decimal, *, step: Decimal = Decimal(1)) -> Decimal:
    """The nearest amount at or below that ends so: 219.47 with .99 is 218.99.

    step: what the ending repeats in: .99 in 1, or 80 in 100 for ¥2,480.
    An amount below the first such price stays as it is.
    """
    charmed = (amount - ending) // step * step + ending
    if amount < ending or charmed <= 0:
        return amount
    return charmed


def sale_price(
    method: Method,
    value: Decimal,
    *,
    regular: Decimal,
    prior: Decimal | None,
    currency: str,
    ending: Decimal | None = None,
) -> Decimal:
    """The price this method gives, in coins of the currency.

    value: the price, the percentage or the amount off. ending: charm, for instance
        0.99, applied last.

    Raises:
        BadPrice: nothing or less is left, the percentage is not one, or there is no
            prior price to reduce.
    """
    raw = _raw(method, value, regular, prior)
    price = cut(raw, currency)
    if ending is not None:
        price = charm(price, ending)
    if price <= 0:
        raise BadPrice("Nothing is left of the price. Enter less off.", field="value")
    return price


def _raw(
    method: Method, value: Decimal, regular: Decimal, prior: Decimal | None
) -> Decimal:
    if method is Method.FIXED:
        return value
    if method is Method.AMOUNT_OFF:
        return regular - value
    if not 0 <= value < 100:
        raise BadPrice("Enter a percentage from 0 to below 100.", field="value")
    base = regular if method is Method.PERCENT_OFF_REGULAR else prior
    if base is None:
        raise BadPrice(
            "There is no price history of 30 days to reduce. Backfill it, or take the "
            "regular price.",
            field="method",
        )
    return base * (100 - value) / 100
