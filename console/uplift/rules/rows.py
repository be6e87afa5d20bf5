"""One row of an order history: what was bought, or why the row is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

COLUMNS = {
    "invoiceno": "InvoiceNo",
    "stockcode": "StockCode",
    "quantity": "Quantity",
    "invoicedate": "InvoiceDate",
    "unitprice": "UnitPrice",
    "description": "Description",
    "customerid": "CustomerID",
    "country": "Country",
}
OTHER_NAMES = {"invoice": "invoiceno", "price": "unitprice", "sku": "stockcode"}
NEEDED = ("invoiceno", "stockcode", "quantity", "invoicedate", "unitprice")
YEARS = range(1970, 2200)
LONGEST_CODE, LONGEST_INVOICE, LONGEST_COUNTRY = 64, 32, 60

_UNITS = re.compile(r"-?\d{1,9}(?:[.,]0{1,2})?")
_PRICE = re.compile(r"-?\d{1,10}(?:[.,]\d+)?")
_SLASHED = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?"
)
_MILL = Decimal("0.001")


class Reason(StrEnum):
    """Why a row is left out."""

    CELLS = "cells"
    INVOICE = "invoice"
    CODE = "code"
    LONG = "long"
    UNITS = "units"
    NO_UNITS = "no_units"
    DATE = "date"
    PRICE = "price"
    FREE = "free"
    BELOW_ZERO = "below_zero"

    @property
    def label(self) -> str:
        """The words on the page."""
        return LABELS[self]


LABELS = {
    Reason.CELLS: "More or fewer cells than the first row names",
    Reason.INVOICE: "InvoiceNo is blank",
    Reason.CODE: "StockCode is blank",
    Reason.LONG: "StockCode, InvoiceNo or Country is too long",
    Reason.UNITS: "Quantity is no whole number",
    Reason.NO_UNITS: "Quantity is 0",
    Reason.DATE: "InvoiceDate is no date with a time",
    Reason.PRICE: "UnitPrice is no price",
    Reason.FREE: "UnitPrice is 0: a gift or a stock correction",
    Reason.BELOW_ZERO: "UnitPrice is below 0: a correction of accounts",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. places: our name of a column to its place in a row.

    day_first: 5/12/2010 is the fifth of December.
    """

    places: Mapping[str, int]
    width: int
    zone: ZoneInfo
    day_first: bool = False


@dataclass(frozen=True, slots=True)
class Bought:
    """Units of one SKU on one invoice; returned where units are negative."""

    sku: str
    at: datetime
    units: int
    price: Decimal
    invoice: str
    customer: str
    country: str

    def key(self, repeat: int) -> int:
        """What makes it this row, in any file: 64 bits of what it says.

        repeat: how many rows of the invoice say exactly the same before it. The country
        and the customer follow from the invoice, so a corrected one is no other row.
        """
        said = f"{self.invoice}\0{self.sku}\0{self.units}\0{self.price}\0"
        said += f"{self.at.timestamp():.0f}\0{repeat}"
        digest = blake2b(said.encode(), digest_size=8).digest()
        return int.from_bytes(digest, signed=True)


def names(headings: Sequence[str]) -> list[str]:
    """Our names of the columns a file names; blank for those we do not read."""
    bare = [re.sub(r"[\s_]", "", text).lower() for text in headings]
    known = [OTHER_NAMES.get(name, name) for name in bare]
    return [name if name in COLUMNS else "" for name in known]


def read(cells: Sequence[str], form: Form) -> Bought | Reason:
    """What a row says. The first thing wrong with it is the reason.

    An invoice that starts with C is a cancellation, whatever its sign; a negative
    quantity is a return. Postage and other codes that are no goods are rows like any.
    """
    if len(cells) != form.width:
        return Reason.CELLS
    said = {name: cells[place].strip() for name, place in form.places.items()}
    invoice, sku = said["invoiceno"], said["stockcode"]
    country = said.get("country", "")
    if wrong := _wrong_texts(invoice, sku, country):
        return wrong
    units = _units(said["quantity"])
    price = _price(said["unitprice"])
    if isinstance(units, Reason):
        return units
    at = instant(said["invoicedate"], form.zone, form.day_first)
    if at is None:
        return Reason.DATE
    if isinstance(price, Reason):
        return price
    if invoice[0] in "Cc":
        units = -abs(units)
    customer = said.get("customerid", "").removesuffix(".0")
    return Bought(sku, at, units, price, invoice, customer, country)


def _wrong_texts(invoice: str, sku: str, country: str) -> Reason | None:
    if not invoice:
        return Reason.INVOICE
    if not sku:
        return Reason.CODE
    long = len(sku) > LONGEST_CODE or len(invoice) > LONGEST_INVOICE
    return Reason.LONG if long or len(country) > LONGEST_COUNTRY else None


def _units(text: str) -> int | Reason:
    if not _UNITS.fullmatch(text):
        return Reason.UNITS
    units = int(re.split("[.,]", text)[0])
    return units or Reason.NO_UNITS


@lru_cache(maxsize=20_000)
def _price(text: str) -> Decimal | Reason:
    if not _PRICE.fullmatch(text):
        return Reason.PRICE
    exact = Decimal(text.replace(",", "."))
    price = exact.quantize(_MILL, rounding=ROUND_HALF_UP)
    if price < 0:
        return Reason.BELOW_ZERO
    return price or Reason.FREE


@lru_cache(maxsize=20_000)
def instant(text: str, zone: ZoneInfo, day_first: bool) -> datetime | None:
    """The instant a cell means, in UTC; None if it is no date of our time with a time.

    Without an offset it is a wall clock of the zone; of an hour that is there twice the
    first is meant, and one that is left out is taken as if the clock had not moved.
    """
    local = _local(text, day_first)
    if local is None or local.year not in YEARS:
        return None
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone)
    return local.astimezone(UTC)


def _local(text: str, day_first: bool) -> datetime | None:
    slashed = _SLASHED.fullmatch(text)
    try:
        if slashed:
            one, two, year, hour, minute, second = (
                int(n or 0) for n in slashed.groups()
            )
            month, day = (two, one) if day_first else (one, two)
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
        return datetime.fromisoformat(text) if len(text) > len("2010-12-01") else None
    except ValueError:
        return None
