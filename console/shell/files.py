"""Tables that leave as files: CSV row by row, a workbook by way of the disk."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

from django.http import StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PART = 500
"""Rows that are in memory at once."""
CHUNK = 1 << 16
"""Bytes of a workbook that are sent at once."""
WIDTH = 16
"""Of a column of a workbook, in characters: it is set before its first row is known."""


def download(
    name: str, form: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """A table as a file that is saved as `name`; no text in it runs as a formula.

    form: csv or xlsx. rows: are taken while the answer is sent, never all at once.
    """
    table = map(_neutral, chain([headings], rows))
    parts = _workbook(table, len(headings)) if form == "xlsx" else _csv(table)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type=KINDS[form], headers=headers)


def _neutral(row: Iterable[Any]) -> list[Any]:
    return [neutral(value) if isinstance(value, str) else value for value in row]


def _csv(table: Iterator[list[Any]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8  # without it a spreadsheet takes the text for Windows-1252
    while part := list(islice(table, PART)):
        text = StringIO()
        csv.writer(text).writerows(part)
        yield text.getvalue().encode()


def _workbook(table: Iterable[list[Any]], width: int) -> Iterator[bytes]:
    """A workbook by way of a file without a name: its parts are known at the end."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    for row in table:
        sheet.append([_plain(value) for value in row])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK), b"")


def _plain(value: Any) -> Any:
    """Without what no workbook can hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def neutral(text: object) -> str:
    """Text no spreadsheet runs as a formula.

    Source: OWASP, CSV Injection: a leading = + - @ tab or return is quoted.
    """
    said = str(text)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said
