"""Reading a sheet, CSV or XLSX: its cells as text, row by row."""

from __future__ import annotations

import codecs
import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from console.errors import Refusal

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


def numbered(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, with their number.

    Raises:
        UnreadableSheet: there are too many.
    """
    for number, cells in enumerate(rows, 2):
        if number > MOST_ROWS + 1:
            raise UnreadableSheet(
                f"The sheet has more than {MOST_ROWS:,} rows. Split it.", field="file"
            )
        if any(map(str.strip, cells)):
            yield number, cells


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
