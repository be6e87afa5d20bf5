"""Reading a sheet: CSV or XLSX, our own columns or a Shopify product export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from console.campaigns import shopify
from console.errors import Refusal
from console.sheets.cells import SAID
from console.shell.spreadsheets import numbered, table

OURS = ("sku", "sale_price", "units", "buffer")
NEEDED = ("sku", "sale_price", "units")
ALLOWED = (*OURS, "regular_price", "name", "variant", *SAID)
ALSO = {"quantity": "units"}
"""Other headings of ours: what the pages call the column."""


class WrongColumns(Refusal):
    """Columns are missing, unknown or there twice."""

    code = "wrong_columns"
    status = 422


NOTHING: Mapping[str, str] = MappingProxyType({})


class Row(NamedTuple):
    """One row. number: as a spreadsheet counts it, the heading being 1.

    cells: our columns, as text. problem: column to sentence, where the row itself is
    bad. skip: why it is left out. product: what a new SKU would be made from.
    """

    number: int
    cells: Mapping[str, str]
    raw: Mapping[str, str]
    problem: Mapping[str, str] = NOTHING
    skip: str = ""
    product: Mapping[str, str] = NOTHING


@dataclass(frozen=True)
class Options:
    """How to read a sheet. percent_off: for rows without a sale price of their own.

    currency: what the prices of a Shopify export are in.
    """

    percent_off: str = "20"
    make_skus: bool = False
    currency: str = "EUR"


def rows(path: Path, options: Options) -> Iterator[Row]:
    """Every row of a sheet, in our columns.

    Raises:
        UnreadableSheet: it is neither CSV nor XLSX, or too large.
        WrongColumns: which, and what to do.
    """
    lines = table(path)
    headings = [text.strip() for text in next(lines, [])]
    if shopify.is_export(headings):
        yield from _shopify(headings, lines, options)
        return
    names = _ours(headings)
    for number, cells in numbered(lines):
        raw = dict(zip(headings, cells, strict=False))
        said = dict(zip(names, map(str.strip, cells), strict=False))
        yield Row(number, {"buffer": "", "regular_price": "", **said}, raw)


def _ours(headings: Sequence[str]) -> list[str]:
    """Our names of the columns.

    Raises:
        WrongColumns: one is unknown, missing or there twice.
    """
    names = [text.lower().replace(" ", "_") for text in headings]
    unknown = [text for text, name in zip(headings, names, strict=True)
               if name not in ALLOWED and name not in ALSO]  # fmt: skip
    if unknown:
        raise WrongColumns(
            f"Unknown column “{unknown[0][:60]}”. Use {', '.join(OURS)}, "
            "or a Shopify product export.",
            field=unknown[0][:60] or "file",
        )
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise WrongColumns(f"The column {twice[0]} is there twice.", field=twice[0])
    both = [name for name in names if ALSO.get(name) in names]
    if both:
        raise WrongColumns(
            f"The columns {ALSO[both[0]]} and {both[0]} say the same: keep one.",
            field=both[0],
        )
    names = [ALSO.get(name, name) for name in names]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise WrongColumns(
            f"The column {missing[0]} is missing. Use {', '.join(OURS)}.",
            field=missing[0],
        )
    return names


def _shopify(
    headings: Sequence[str], table: Iterable[list[str]], options: Options
) -> Iterator[Row]:
    rows = (
        (number, dict(zip(headings, cells, strict=False)))
        for number, cells in numbered(table)
    )
    for variant in shopify.variants(
        rows,
        percent_off=options.percent_off,
        make_skus=options.make_skus,
        currency=options.currency,
    ):
        yield Row(
            variant.number,
            variant.cells,
            variant.raw,
            variant.problem,
            variant.skip,
            variant.product,
        )
