"""How each cell of a sheet of lines is read: a SKU, a price, a number of units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from import_export import widgets

from console.campaigns.rules import pointed
from console.prices import rules
from console.shell import formats
from console.shell.files import neutral
from console.stock.models import Sku


class SkuWidget(widgets.Widget):
    """A SKU by its code, among those that were read beforehand."""

    known: Mapping[str, Sku] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Sku:
        """The SKU of a code.

        Raises:
            ValueError: there is none.
        """
        code = str(value or "").strip()
        if not code:
            raise ValueError("The SKU is blank. Give every row a SKU.")
        if code not in self.known:
            raise ValueError(
                f"There is no SKU {code}. Correct it, or import it with its product."
            )
        return self.known[code]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The code, such that no sheet takes it for a formula."""
        return neutral(value.code) if value else ""


class PriceWidget(widgets.Widget):
    """A price as people write it: 1234.50, 1,234.50 or 1234,50; 0,500 is 0.50.

    currency: what it is in; blank where only its row says so.
    """

    currency = ""

    def __init__(self, name: str) -> None:
        """name: how a sentence calls it."""
        super().__init__()
        self.name = name

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal:
        """The exact amount.

        Raises:
            ValueError: it is blank, no number, may mean two, or has a comma behind its
                last point: 1.200,00 is 1,200.00 to some and would be 1.20 to others.
        """
        text = str(value if value is not None else "").strip()
        if not text:
            raise ValueError(f"The {self.name} is blank. Enter it like 119.00.")
        if text.rfind(",") > text.rfind(".") >= 0:
            raise ValueError(
                f"The {self.name}, {text[:40]}, has a comma behind a point, so it may "
                "mean two numbers. Enter it like 1,200.00."
            )
        try:
            amount = Decimal(pointed(text))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise ValueError(
                f"“{text[:40]}” is not a {self.name}. Enter it like 119.00."
            )
        if self.currency:
            check_written(amount, self.currency, name=self.name)
        return amount

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A number for a sheet."""
        return value


class ListPriceWidget(PriceWidget):
    """A list price; a blank one is that of the line, else of the SKU if known."""

    known: Mapping[str, Decimal] = {}
    unsaid: Mapping[str, str] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal:
        """The exact amount.

        Raises:
            ValueError: it is no number, or blank and nobody knows it.
        """
        code = str(row["sku"] or "").strip()
        if str(value if value is not None else "").strip():
            return super().clean(value, row, **kwargs)
        if code in self.unsaid:
            raise ValueError(self.unsaid[code])
        return self.known[code] if code in self.known else super().clean(value)


def check_written(amount: Decimal, currency: str, *, name: str) -> None:
    """Refuse what is one amount to some, and a thousand times as much to others: 1.200.

    amount: with the digits it was written with; a currency of three decimals has such.

    Raises:
        ValueError: it names both amounts.
    """
    thousands = amount.as_tuple().exponent == -3 and 1 <= amount < 1000
    if thousands and rules.exponent(currency) != 3:
        large, small = f"{amount * 1000:,.0f}", rules.cut(amount, currency)
        raise ValueError(
            f"The {name}, {amount}, has three digits behind a point, so it may mean "
            f"two numbers. Enter it as {large} or {small}."
        )


def coins(amount: Decimal, currency: str) -> Decimal:
    """Without digits that say nothing; one finer than a coin stays as it is."""
    coin = rules.cut(amount, currency)
    return coin if coin == amount else amount


class UnitsWidget(widgets.Widget):
    """A whole number of units."""

    def __init__(self, name: str, least: int, blank: int | None = None) -> None:
        """name: how a sentence calls it. blank: what an empty cell means."""
        super().__init__()
        self.name, self.least, self.blank = name, least, blank

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        """The number.

        Raises:
            ValueError: it is blank, no whole number, or too small.
        """
        text = str(value if value is not None else "").strip().removesuffix(".0")
        if not text and self.blank is not None:
            return self.blank
        if not text:
            raise ValueError(f"The {self.name} are blank. Enter a whole number.")
        if re.fullmatch(r"-?\d{1,12}", text):
            return self._bounded(int(text))
        raise ValueError(
            f"“{text[:40]}” is not a whole number. Enter {self.name} like 120."
        )

    def _bounded(self, number: int) -> int:
        if number < self.least:
            raise ValueError(
                f"The {self.name} cannot be {formats.number(number)}. "
                f"Enter {self.least} or more."
            )
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A number for a sheet."""
        return value
