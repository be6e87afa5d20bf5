"""A Shopify product export: products over several rows, variants, pictures.

Source: help.shopify.com, "Using CSV files to import and export products": the first row
of a Handle has the title; rows below it are further variants or further pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from console.campaigns.rules import pointed
from console.prices.rules import cut, exponent, fits

SKU, PRICE, LIST = "Variant SKU", "Variant Price", "Variant Compare At Price"
UNITS = "Variant Inventory Qty"
COST = "Cost per item"
BAD_COST = "bad_cost"
OPTIONS = ("Option1 Value", "Option2 Value", "Option3 Value")
LARGEST = Decimal(10) ** 11
"""Prices and costs are below it: more no line and no SKU can hold."""


@dataclass(frozen=True)
class Variant:
    """One row of an export, in our columns; see `sheets.Row`."""

    number: int
    cells: Mapping[str, str]
    raw: Mapping[str, str]
    problem: Mapping[str, str] = field(default_factory=dict)
    skip: str = ""
    product: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """How an export is read; see `variants`."""

    percent_off: Decimal
    make_skus: bool
    currency: str


def is_export(headings: Sequence[str]) -> bool:
    """True for the columns Shopify writes."""
    return {"Handle", SKU, PRICE} <= set(headings)


def variants(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    percent_off: str,
    make_skus: bool,
    currency: str = "EUR",
) -> Iterator[Variant]:
    """Every row: a variant to sell, a bad one, or one to leave out.

    percent_off: what the sale price is below the price charged now.
    make_skus: name a variant without SKU by its handle and options.
    currency: what the prices are in; sale prices are rounded down to its coins.
    """
    titles: dict[str, Mapping[str, str]] = {}
    terms = Terms(Decimal(percent_off), make_skus, currency)
    for number, raw in rows:
        if raw.get("Title"):
            titles[raw.get("Handle", "")] = raw
        yield _variant(number, raw, titles, terms)


def goods(
    rows: Iterable[tuple[int, Mapping[str, str]]],
) -> Iterator[tuple[int, dict[str, str]]]:
    """Every variant in the columns of a catalogue, whatever its stock.

    list_price: what the shop asks now, as where a SKU is made from an export.
    """
    titles: dict[str, Mapping[str, str]] = {}
    for number, raw in rows:
        if raw.get("Title"):
            titles[raw.get("Handle", "")] = raw
        if raw.get(PRICE, "").strip() or raw.get(SKU, "").strip():
            words = _words(raw, titles.get(raw.get("Handle", ""), raw))
            prices = {"list_price": raw.get(PRICE, ""), "cost": raw.get(COST, "")}
            yield number, {"sku": _code(raw), **words, **prices}


def _variant(
    number: int,
    raw: Mapping[str, str],
    titles: Mapping[str, Mapping[str, str]],
    terms: Terms,
) -> Variant:
    if not raw.get(PRICE, "").strip() and not raw.get(SKU, "").strip():
        return Variant(number, {}, raw, skip="A further picture, no variant")
    head = titles.get(raw.get("Handle", ""), raw)
    code = _code(raw) or (_made(raw) if terms.make_skus else "")
    price, units = raw.get(PRICE, "").strip(), raw.get(UNITS, "").strip()
    problem = (
        _problem(code, price, units) or _bad_list(raw) or _uncoined(raw, terms.currency)
    )
    if problem:
        return Variant(number, {"sku": code}, raw, problem=problem)
    if not units or int(units) == 0:
        return Variant(number, {"sku": code}, raw, skip="Nothing in stock")
    cells = {"sku": code, "units": units, "buffer": "", **_prices(raw, terms)}
    return Variant(number, cells, raw, product=_product(raw, head, price, units))


def _code(raw: Mapping[str, str]) -> str:
    """Without the apostrophe that marks a number as text, as in `'4160`."""
    return re.sub(r"^'(?=\d+$)", "", raw.get(SKU, "").strip())


def _problem(code: str, price: str, units: str) -> dict[str, str]:
    if not code:
        return {SKU: "The SKU is blank. Give the variant one in Shopify, or let it "
                     "be made from the handle."}  # fmt: skip
    amount = _amount(price)
    if amount is None or not 0 < amount < LARGEST:
        return {PRICE: f"“{price[:40]}” is not a price. Enter it like 119.00."}
    if not re.fullmatch(r"-?\d{1,9}", units or "0"):
        return {UNITS: f"“{units[:40]}” is not a whole number."}
    if int(units or 0) < 0:
        return {UNITS: f"The stock is negative: {units}. Correct it to 0 or more."}
    return {}


def _bad_list(raw: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a compare-at price; words there say nothing."""
    was = raw.get(LIST, "").strip()
    if abs(_amount(was) or Decimal(0)) < LARGEST:
        return {}
    return {LIST: f"“{was[:40]}” is not a price. Enter it like 119.00."}


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(pointed(text))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _uncoined(raw: Mapping[str, str], currency: str) -> dict[str, str]:
    """What is wrong with a price its currency has no coin for."""
    amounts = {name: _amount(raw.get(name, "").strip()) for name in (PRICE, LIST)}
    digits, asked = exponent(currency), f"Is it a price in {currency}?"
    return {
        name: f"{currency} has {digits} decimals; {amount} has more. {asked}"
        for name, amount in amounts.items()
        if amount is not None and not fits(amount, currency)
    }


def _prices(raw: Mapping[str, str], terms: Terms) -> dict[str, str]:
    """List price: the compare-at price where it is higher than the price."""
    price = _amount(raw[PRICE].strip()) or Decimal(0)
    was = _amount(raw.get(LIST, "").strip()) or Decimal(0)
    sale = cut(price * (1 - terms.percent_off / 100), terms.currency)
    return {"regular_price": str(max(price, was)), "sale_price": str(sale)}


def _product(
    raw: Mapping[str, str], head: Mapping[str, str], price: str, units: str
) -> dict[str, str]:
    image = raw.get("Variant Image", "") or head.get("Image Src", "")
    return {
        **_words(raw, head),
        "image": image if len(image) <= 500 else "",
        "price": pointed(price),
        "units": units,
        **_cost(raw.get(COST, "").strip()),
    }


def _cost(said: str) -> dict[str, str]:
    """A cost, or what is wrong with it; many exports say none."""
    amount = _amount(said or "0")
    if amount is not None and 0 <= amount < LARGEST:
        return {"cost": pointed(said)}
    return {BAD_COST: f"“{said[:40]}” is not a cost. Enter it like 119.00."}


def unmade(product: Mapping[str, str]) -> dict[str, str]:
    """Why no SKU can be made of a product, by column; one that exists needs none."""
    return {COST: product[BAD_COST]} if BAD_COST in product else {}


def _words(raw: Mapping[str, str], head: Mapping[str, str]) -> dict[str, str]:
    """What a variant is called, in our columns. head: the first row of its product."""
    named = [raw.get(name, "").strip() for name in OPTIONS]
    return {
        "name": head.get("Title", "") or raw.get("Handle", ""),
        "variant": ", ".join(v for v in named if v and v != "Default Title"),
        "category": head.get("Type", ""),
        "brand": head.get("Vendor", "").strip(),
    }


def _made(raw: Mapping[str, str]) -> str:
    """A code out of handle and options: `14K-BLOOM-EARRINGS-GOLD`."""
    named = [raw.get("Handle", ""), *(raw.get(name, "") for name in OPTIONS)]
    text = "-".join(part for part in named if part and part != "Default Title")
    return re.sub(r"[^A-Z0-9]+", "-", text.upper()).strip("-")[:64]
