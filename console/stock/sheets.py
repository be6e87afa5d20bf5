"""Levels as a sheet: which columns go out, and what the rows that come in say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from console.errors import Refusal
from console.shell.spreadsheets import UnreadableSheet, numbered, table
from console.stock.models import Level

TEXTS = ("sku", "name", "variant", "location")
UNITS = ("on_hand", "committed", "buffer", "allocated", "free", "version")
GOODS = ("perishable", "on_market_since")
"""What a row says of its SKU; a blank cell leaves it as it is."""
HEADINGS = (*TEXTS, *UNITS, *GOODS)
COLUMNS = ("sku__code", "sku__name", "sku__variant", "location__name", *UNITS,
           "sku__perishable", "sku__on_market_since")  # fmt: skip
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
UNKNOWN = "unknown"
NEEDED = ("sku", "location", "on_hand")
MOST_ROWS = 100_000
TAKEN = 2000
MIDNIGHT = " 00:00:00"
MOST = 999_999_999
KEEP = -1
"""Units of a blank cell: what the level has stays; a level that is new has 0."""


@dataclass(frozen=True)
class Row:
    """One row. number: as a spreadsheet counts it, the heading being 1.

    committed, buffer: KEEP leaves what the level has. version: of the level as it was
    exported; None does not ask. perishable, since, unknown: what it says of its SKU.
    problem: column to sentence, where a cell is bad.
    """

    number: int
    raw: Mapping[str, str]
    sku: str = ""
    location: str = ""
    on_hand: int = 0
    committed: int = KEEP
    buffer: int = KEEP
    version: int | None = None
    perishable: bool | None = None
    since: date | None = None
    unknown: bool = False
    problem: Mapping[str, str] = field(default_factory=dict)


def exported(levels: QuerySet[Level]) -> Iterator[list[Any]]:
    """The rows of the sheet that goes out, never all at once."""
    found = levels.values_list(*COLUMNS)
    for *told, perishable, since in found.iterator(chunk_size=TAKEN):
        goods = ["yes" if perishable else "no", since.isoformat() if since else ""]
        yield [*told, *goods]


def rows(path: Path) -> Iterator[Row]:
    """Every row of a sheet.

    Raises:
        UnreadableSheet: not a CSV or XLSX file, a column missing, or too many rows.
    """
    lines = table(path)
    said = [text.strip() for text in next(lines, [])]
    names = [text.lower().replace(" ", "_") for text in said]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        told = (
            f"Columns are missing: {', '.join(missing)}. Export the levels for a form."
        )
        raise UnreadableSheet(told, field="file")
    for count, (number, cells) in enumerate(numbered(lines), 1):
        if count > MOST_ROWS:
            told = f"At most {MOST_ROWS:,} rows at once. Split the sheet."
            raise UnreadableSheet(told, field="file")
        raw = dict(zip(said, cells, strict=False))
        yield _row(number, dict(zip(names, cells, strict=False)), raw)


def _row(number: int, cells: Mapping[str, str], raw: Mapping[str, str]) -> Row:
    try:
        since, unknown = _since(cells.get("on_market_since", ""))
        return Row(
            number,
            raw,
            on_hand=_units(cells, "on_hand"),
            committed=_units(cells, "committed", blank=KEEP),
            buffer=_units(cells, "buffer", blank=KEEP),
            sku=_words(cells, "sku"),
            location=_words(cells, "location"),
            version=_units(cells, "version", blank=0) or None,
            perishable=_yes_no(cells.get("perishable", "")),
            since=since,
            unknown=unknown,
        )
    except Refusal as told:
        sku, place = (cells.get(name, "").strip() for name in ("sku", "location"))
        return Row(number, raw, sku, place, problem={told.field: told.message})


def _yes_no(cell: str) -> bool | None:
    text = cell.strip().lower()
    if text and text not in YES_NO:
        told = f"“{text[:20]}” is neither yes nor no."
        raise Refusal(told, field="perishable")
    return YES_NO.get(text)


def _since(cell: str) -> tuple[date | None, bool]:
    """The day, and whether the one there is shall be forgotten."""
    text = cell.strip().removesuffix(MIDNIGHT)
    if not text or text.lower() == UNKNOWN:
        return None, bool(text)
    try:
        return date.fromisoformat(text), False
    except ValueError:
        told = f"“{text[:20]}” is no day like 2026-11-27, nor “unknown”."
        raise Refusal(told, field="on_market_since") from None


def _words(row: Mapping[str, str], name: str) -> str:
    text = row.get(name, "").strip().removeprefix("'")
    if not text:
        raise Refusal(f"The {name} is blank.", field=name)
    return text


def _units(row: Mapping[str, str], name: str, *, blank: int | None = None) -> int:
    text = row.get(name, "").strip().removesuffix(".0")
    if not text and blank is not None:
        return blank
    if not text.removeprefix("-").isdecimal():
        raise Refusal(f"“{text[:20]}” is not a whole number of units.", field=name)
    if text.startswith("-") or len(text) > len(str(MOST)):
        unit = "" if name == "version" else " units"
        raise Refusal(f"{name} must be 0 to {MOST:,}{unit}.", field=name)
    return int(text)
