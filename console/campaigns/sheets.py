"""Reading a sheet: CSV or XLSX, our own columns or a Shopify product export."""

from __future__ import annotations

import codecs
import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from console.campaigns import shopify
from console.errors import Refusal

OURS = ("sku", "sale_price", "units", "buffer")
NEEDED = ("sku", "sale_price", "units")
SAID = ("row", "problem")
"""What a file of bad rows says of each, before the sheet's own columns."""
ALLOWED = (*OURS, "regular_price", "name", "variant", *SAID)
ALSO = {"quantity": "units"}
"""Other headings of ours: what the pages call the column."""
MOST_ROWS = 500_000
MOST_UNPACKED = 300 * 1024 * 1024
LONGEST_CELL = 1_000_000
PART = 1 << 20
ZIPPED = b"PK\x03\x04"
BROKEN: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, OSError),
    *(LookupError, TypeError, ValueError, AttributeError),
)
"""What openpyxl raises on workbooks that hold something else than they should."""


class UnreadableSheet(Refusal):
    """The file is no sheet we can read."""

    code = "unreadable_sheet"
    status = 422


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


def own_headings(path: Path) -> list[str]:
    """The columns of a sheet as its author wrote them, in their order.

    Raises:
        UnreadableSheet: it is neither CSV nor XLSX, or too large.
        OSError: there is no such file.
    """
    names = map(str.strip, next(table(path), []))
    return [name for name in names if name.lower() not in SAID]


def length(path: Path) -> int:
    """How many rows there are below the heading, for a bar of progress.

    Of a workbook as it says itself; of a CSV its lines, which are more than its rows
    where lines are blank or a cell has several.
    """
    with path.open("rb") as file:
        if file.read(4) == ZIPPED:
            return _workbook_length(file)
        file.seek(0)
        return sum(part.count(b"\n") for part in iter(lambda: file.read(PART), b""))


def _workbook_length(file: IO[bytes]) -> int:
    try:
        with closing(openpyxl.load_workbook(file, read_only=True)) as book:
            return max(0, (book.worksheets[0].max_row or 1) - 1)
    except BROKEN:
        return 0  # `rows` says what is wrong with it


def numbered(table: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, with their number."""
    for number, cells in enumerate(table, 2):
        if number > MOST_ROWS + 1:
            raise UnreadableSheet(
                f"The sheet has more than {MOST_ROWS:,} rows. Split it.", field="file"
            )
        if any(map(str.strip, cells)):
            yield number, cells


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


def table(path: Path) -> Iterator[list[str]]:
    """The cells of a CSV or XLSX file as text, the headings first.

    Raises:
        UnreadableSheet: it is neither, or too large.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == ZIPPED:
        return _xlsx(path)
    if start[:4] == b"\xd0\xcf\x11\xe0":
        raise UnreadableSheet(
            "This is an old Excel file. Save it as XLSX or CSV.", field="file"
        )
    return _csv(path)


def _csv(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        first = file.readline(LONGEST_CELL)
        file.seek(0)
        mark = max(",;\t", key=first.count)
        try:  # a column of text cannot hold a zero byte
            yield from csv.reader((text.replace("\0", "") for text in file),
                                  delimiter=mark)  # fmt: skip
        except csv.Error as error:
            raise UnreadableSheet(
                f"The file cannot be read as CSV: {error}. Save it again as CSV UTF-8.",
                field="file",
            ) from error


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 if every byte agrees, else Windows-1252.

    Raises:
        UnreadableSheet: it is no text at all.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4096)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if b"\x00" in start:
            raise UnreadableSheet(
                "This is no sheet. Choose a CSV or XLSX file.", field="file"
            )
        try:
            while start:
                decoder.decode(start)
                start = file.read(PART)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _xlsx(path: Path) -> Iterator[list[str]]:
    with path.open("rb") as file:
        try:
            _check_size(path)
            with closing(
                openpyxl.load_workbook(file, read_only=True, data_only=True)
            ) as book:
                for cells in book.worksheets[0].iter_rows(values_only=True):
                    yield [_text(cell) for cell in cells]
        except BROKEN as error:
            raise UnreadableSheet(
                "The workbook cannot be read. Save it again as XLSX or CSV.",
                field="file",
            ) from error


def _check_size(path: Path) -> None:
    """A small workbook may unpack to gigabytes: look before."""
    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > MOST_UNPACKED:
        raise UnreadableSheet(
            "The workbook is too large once unpacked. Save it as CSV.", field="file"
        )


def _text(cell: Any) -> str:
    """A cell as it was meant: 120.0 is 120, and a long code is no power of ten."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
