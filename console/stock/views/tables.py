"""Tables that are written while they are read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

RISKY = tuple("=+-@\t\r")


class _Line:
    """What csv writes to: it hands each line on."""

    def write(self, text: str) -> str:
        return text


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file that spreadsheets know as UTF-8."""
    write = csv.writer(_Line()).writerow
    yield "\ufeff"
    for row in chain([head], rows):
        yield write([_neutral(cell) for cell in row])


def _neutral(cell: Any) -> Any:
    """Words that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in RISKY else cell
