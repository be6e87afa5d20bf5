"""Reading an order history row by row, however long, in bounded memory."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from zoneinfo import ZoneInfo

from console.campaigns.sheets import WrongColumns
from console.shell.spreadsheets import UnreadableSheet
from console.uplift.rules.rows import COLUMNS, NEEDED, Bought, Form, Reason, names, read

MOST_UNPACKED = 2 * 1024**3
MOST_ROWS = 20_000_000
LONGEST_LINE = 64 * 1024
MOST_IN_AN_INVOICE = 50_000
"""Different rows of one invoice between which we look for the same again."""
GZIP = b"\x1f\x8b"
OTHERS = {
    b"PK\x03\x04": "This is a workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "This is an old Excel file",
    b"\xff\xfe": "The file is encoded as UTF-16",
    b"\xfe\xff": "The file is encoded as UTF-16",
    b"%PDF": "This is a PDF",
}
SAVE_AS = "Save it as CSV UTF-8, or pack that with gzip."


@dataclass(frozen=True, slots=True)
class Row:
    """One row. number: as a spreadsheet counts it, the heading being 1.

    key: of what was bought, the same in every file that says the same.
    """

    number: int
    cells: Sequence[str]
    said: Bought | Reason
    key: int = 0


class History:
    """An open file: its form, then its rows."""

    def __init__(self, file: IO[bytes], *, zone: str, day_first: bool) -> None:
        """Read as far as the headings.

        Raises:
            UnreadableSheet: it is no CSV, packed or not.
            WrongColumns: a column we need is missing, or one is there twice.
        """
        self.file = file
        lines = _lines(_unpacked(file))
        first = next(lines, "")
        csv.field_size_limit(LONGEST_LINE)
        self.table = csv.reader(_back(first, lines), delimiter=_mark(first))
        self.headings = [text.strip() for text in next(self._records(), [])]
        self.form = _form(self.headings, ZoneInfo(zone), day_first)

    def rows(self) -> Iterator[Row]:
        """Every row that says anything.

        Raises:
            UnreadableSheet: the file breaks off, is no CSV from here on, or too large.
        """
        repeats: Counter[int] = Counter()
        invoice = ""
        for number, cells in enumerate(self._records(), 2):
            if not any(cells):
                continue
            if number > MOST_ROWS:
                raise UnreadableSheet(
                    f"The file has more than {MOST_ROWS:,} rows. Split it.",
                    field="file",
                )
            said = read(cells, self.form)
            if isinstance(said, Reason):
                yield Row(number, cells, said)
                continue
            if said.invoice != invoice or len(repeats) >= MOST_IN_AN_INVOICE:
                invoice = said.invoice
                repeats.clear()
            key = said.key(0)
            again = repeats[key]
            repeats[key] += 1
            yield Row(number, cells, said, said.key(again) if again else key)

    def _records(self) -> Iterator[list[str]]:
        try:
            yield from self.table
        except csv.Error as error:
            at = self.table.line_num
            raise UnreadableSheet(
                f"Line {at:,} is no CSV: {error}. {SAVE_AS}", field="file"
            ) from error

    @property
    def position(self) -> int:
        """How many bytes of the file, as it lies there, were read."""
        return self.file.tell()


@contextmanager
def history(path: str, *, zone: str, day_first: bool) -> Iterator[History]:
    """A file of ours, open.

    Raises:
        UnreadableSheet, WrongColumns: as `History` does.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        yield History(file, zone=zone, day_first=day_first)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    start = file.read(4)
    file.seek(0)
    for mark, what in OTHERS.items():
        if start.startswith(mark):
            raise UnreadableSheet(f"{what}. {SAVE_AS}", field="file")
    return gzip.open(file) if start.startswith(GZIP) else file  # type: ignore[return-value]


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Lines as text, never more of them, nor longer ones, than we would keep.

    A line that is no UTF-8 is read as Windows-1252.
    """
    left, number = MOST_UNPACKED, 0
    while line := _line(file):
        left, number = left - len(line), number + 1
        if left < 0:
            raise UnreadableSheet(
                f"The file unpacks to more than {MOST_UNPACKED // 1024**3} GB. "
                "Split it by years.",
                field="file",
            )
        if len(line) == LONGEST_LINE or b"\0" in line:
            raise UnreadableSheet(
                f"Line {number:,} is no text. {SAVE_AS}", field="file"
            )
        yield _text(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _line(file: IO[bytes]) -> bytes:
    try:
        return file.readline(LONGEST_LINE)
    except (EOFError, OSError, zlib.error) as error:
        raise UnreadableSheet(
            "The packed file is damaged or breaks off. Pack it again.", field="file"
        ) from error


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _back(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _mark(first: str) -> str:
    return max(",;\t", key=first.count)


def _form(headings: Sequence[str], zone: ZoneInfo, day_first: bool) -> Form:
    ours = names(headings)
    for name in NEEDED:
        if name not in ours:
            found = ", ".join(text[:30] for text in headings[:8] if text) or "nothing"
            raise WrongColumns(
                f"The column {COLUMNS[name]} is missing: the first row says {found}. "
                f"It must name {', '.join(COLUMNS[n] for n in NEEDED)}.",
                field="file",
            )
    twice = next((name for name in COLUMNS if ours.count(name) > 1), "")
    if twice:
        raise WrongColumns(
            f"The column {COLUMNS[twice]} is there twice. Take one out.", field="file"
        )
    places = {name: place for place, name in enumerate(ours) if name}
    return Form(places, len(headings), zone, day_first)
