"""Charm endings by currency, and a whole way of setting prices in one value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from console.prices.rules.money import Method, charm, cut, exponent, sale_price


class Charm(StrEnum):
    """How a price ends. In a currency without coins the last two digits do: ¥1,899."""

    NONE = ""
    NINES = "99"
    FIVES = "95"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return f"Ends in .{self.value}" if self.value else "As it is"


def charmed(amount: Decimal, ending: Charm, currency: str) -> Decimal:
    """The nearest amount at or below that ends so, in coins of the currency.

    89.25 with .99 is 88.99; ¥1,984 is ¥1,899; KWD 11.110 is 10.990. An amount below
    the first such price stays as it is.
    """
    if ending is Charm.NONE:
        return amount
    if exponent(currency) == 0:
        return charm(amount, Decimal(ending.value), step=Decimal(100))
    return charm(amount, Decimal(ending.value) / 100)


@dataclass(frozen=True)
class Pricing:
    """One way of setting prices. value: the price, percentage or amount off."""

    method: Method
    value: Decimal
    charm: Charm = Charm.NONE

    def price(self, regular: Decimal, prior: Decimal | None, currency: str) -> Decimal:
        """The sale price it gives.

        Raises:
            BadPrice: nothing is left, or there is no prior price to reduce.
        """
        raw = sale_price(
            self.method, self.value, regular=regular, prior=prior, currency=currency
        )
        return cut(charmed(raw, self.charm, currency), currency)

    def __str__(self) -> str:
        """`20% off the regular price, ends in .99`."""
        percent = "off the" in self.method.label and self.method.label.startswith("%")
        told = f"{self.value.normalize():f}"
        words = (
            f"{told}{self.method.label}" if percent else f"{self.method.label} {told}"
        )
        return f"{words}, {self.charm.label.lower()}" if self.charm.value else words
