"""What an approval is about: lines that make sense, and a hash of everything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console.errors import Refusal

MOST_UNITS = 10_000_000
FINEST = Decimal("0.001")
HIGHEST_PRICE = Decimal("99999999999.999")


class BadLine(Refusal):
    """A value of a line that cannot be."""

    code = "bad_line"
    status = 422


class SalePriceAboveList(Refusal):
    """The sale price is not a reduction."""

    code = "sale_price_above_list"
    status = 422


@dataclass(frozen=True)
class Offer:
    """One SKU as offered: prices in the campaign's currency, units to lock."""

    sku: str
    regular_price: Decimal
    sale_price: Decimal
    units: int
    buffer: int


def check_offer(
    regular_price: Decimal, sale_price: Decimal, *, units: int, buffer: int
) -> None:
    """Refuse a line that could not be sold as it stands.

    Raises:
        BadLine: a price or quantity that cannot be; names the field.
        SalePriceAboveList: the sale price is not below the list price.
    """
    check_prices(regular_price, sale_price)
    check_units(units, buffer)


def check_prices(regular_price: Decimal, sale_price: Decimal) -> None:
    """The part of `check_offer` about its prices."""
    _check_price(regular_price, "regular_price", "list price")
    _check_price(sale_price, "sale_price", "sale price")
    if sale_price >= regular_price:
        raise SalePriceAboveList(
            f"The sale price of {plain(sale_price)} is not below the list price of "
            f"{plain(regular_price)}. Enter a lower sale price.",
            field="sale_price",
        )


def _check_price(price: Decimal, field: str, name: str) -> None:
    if not price.is_finite() or price <= 0 or price > HIGHEST_PRICE:
        raise BadLine(
            f"The {name} must be above 0 and at most {HIGHEST_PRICE:,}.",
            field=field,
        )
    if price != price.quantize(FINEST):
        raise BadLine(f"The {name} has more than three decimals.", field=field)


def check_units(units: int, buffer: int) -> None:
    """The part of `check_offer` about its quantity, and what is held back of it."""
    if not 1 <= units <= MOST_UNITS:
        raise BadLine(
            f"The units must be between 1 and {MOST_UNITS:,}. Enter another number.",
            field="units",
        )
    if buffer < 0:
        raise BadLine("The buffer cannot be negative. Enter 0 or more.", field="buffer")
    if buffer >= units:
        raise BadLine(
            f"The buffer of {buffer:,} leaves nothing to sell of {units:,} units. "
            "Make it smaller.",
            field="buffer",
        )


def depth(reference: Decimal, sale: Decimal) -> Decimal:
    """The reduction as a ratio of the reference price, never below 0."""
    if reference <= 0:
        return Decimal(0)
    return max(Decimal(0), 1 - sale / reference)


def plain(price: Decimal) -> str:
    """A price with two digits at least: `119.00`, `1.295`."""
    short = price.normalize()
    exponent = short.as_tuple().exponent
    digits = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{price:.{digits}f}"


def content_hash(terms: Mapping[str, Any], offers: Iterable[Offer]) -> str:
    """A hash of everything a campaign says: equal exactly if nothing changed.

    terms: JSON-safe. The order of the lines does not matter.
    """
    lines = [_line(offer) for offer in sorted(offers, key=lambda one: one.sku)]
    body = json.dumps(
        {"terms": dict(terms), "lines": lines}, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(body.encode()).hexdigest()


def _line(offer: Offer) -> dict[str, str | int]:
    return {
        "sku": offer.sku,
        "regular_price": plain(offer.regular_price),
        "sale_price": plain(offer.sale_price),
        "units": offer.units,
        "buffer": offer.buffer,
    }
