"""Levels as a sheet: what goes out, and what comes in."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import tablib
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from import_export import fields, resources
from import_export.formats.base_formats import CSV, XLSX

from console.errors import Refusal
from console.stock.models import Level
from console.stock.operations import Counted, Goods, LevelSize

KINDS = {"csv": CSV, "xlsx": XLSX}
TEXTS = ("sku", "name", "variant", "location")
UNITS = ("on_hand", "committed", "buffer", "allocated", "free", "version")
GOODS = ("perishable", "on_market_since")
"""What a row says of its SKU; a blank cell leaves it as it is."""
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
UNKNOWN = "unknown"
NEEDED = ("sku", "location", "on_hand")
MOST_ROWS = 100_000
MOST_UNPACKED = 300 * 1024 * 1024


class UnreadableFile(Refusal):
    """The file is no sheet of levels."""

    code = "unreadable_file"
    status = 422


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row; rows count from 2, below the head."""

    row: int
    field: str
    message: str


class LevelResource(resources.ModelResource):
    """The columns of the sheet that goes out; the same come in again."""

    sku = fields.Field("sku__code", "sku")
    name = fields.Field("sku__name", "name")
    variant = fields.Field("sku__variant", "variant")
    location = fields.Field("location__name", "location")
    perishable = fields.Field("sku__perishable", "perishable")
    on_market_since = fields.Field("sku__on_market_since", "on_market_since")

    class Meta:
        model = Level
        fields = TEXTS + UNITS + GOODS
        export_order = TEXTS + UNITS + GOODS


def export(levels: QuerySet[Level], form: str) -> tuple[bytes, str]:
    """Levels as a file, and its content type; form is csv or xlsx."""
    kind = KINDS[form]()
    told = LevelResource().export(levels)
    safe = tablib.Dataset(headers=told.headers)
    for row in told:
        texts, units = row[: len(TEXTS)], row[len(TEXTS) : -len(GOODS)]
        expires, since = row[-len(GOODS) :]
        goods = ["yes" if expires == "True" else "no", since]
        safe.append([*map(_neutral, texts), *map(int, units), *goods])
    body = kind.export_data(safe)
    data = body.encode("utf-8-sig") if isinstance(body, str) else body
    return data, str(kind.get_content_type())


def _neutral(text: str) -> str:
    """A cell no spreadsheet runs as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def read(upload: UploadedFile) -> tuple[list[Counted], list[RowError]]:
    """The rows of a sheet, and what is wrong with others.

    Raises:
        UnreadableFile: not a CSV or XLSX file, a column missing, or too many rows.
    """
    sheet = _sheet(upload.read(), str(upload.name))
    heads = [
        str(head or "").strip().lower().replace(" ", "_") for head in sheet.headers
    ]
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        told = (
            f"Columns are missing: {', '.join(missing)}. Export the levels for a form."
        )
        raise UnreadableFile(told, field="file")
    if len(sheet) > MOST_ROWS:
        raise UnreadableFile(f"At most {MOST_ROWS:,} rows at once.", field="file")
    return _sorted_out(dict(zip(heads, row, strict=False)) for row in sheet)


def _head(cell: object) -> str:
    return str(cell or "").strip().lower().replace(" ", "_")


def _sheet(data: bytes, name: str) -> tablib.Dataset:
    try:
        if name.lower().endswith(".xlsx"):
            _check_unpacked(data)
            return XLSX().create_dataset(data)
        return CSV(encoding="utf-8-sig").create_dataset(data)
    except UnreadableFile:
        raise
    except Exception as error:
        told = "The file is neither CSV (UTF-8) nor XLSX. Export the levels for a form."
        raise UnreadableFile(told, field="file") from error


def _check_unpacked(data: bytes) -> None:
    """Refuse an archive that would fill the memory."""
    with zipfile.ZipFile(BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise UnreadableFile("The sheet is too large. Split it.", field="file")


def _sorted_out(
    rows: Iterable[dict[str, Any]],
) -> tuple[list[Counted], list[RowError]]:
    good: list[Counted] = []
    bad: list[RowError] = []
    for number, row in enumerate(rows, 2):
        if not any(str(cell or "").strip() for cell in row.values()):
            continue
        try:
            good.append(_counted(number, row))
        except Refusal as told:
            bad.append(RowError(number, told.field, told.message))
    return good, bad


def _counted(number: int, row: dict[str, Any]) -> Counted:
    size = LevelSize(
        on_hand=_units(row, "on_hand"),
        committed=_units(row, "committed", blank=True),
        buffer=_units(row, "buffer", blank=True),
    )
    sku, place = _words(row, "sku"), _words(row, "location")
    version = _units(row, "version", blank=True) or None
    return Counted(number, sku, place, size, _goods(row), version)


def _goods(row: dict[str, Any]) -> Goods | None:
    """What a row says of its SKU; None where it says nothing."""
    since, unknown = _since(row.get("on_market_since"))
    said = Goods(_yes_no(row.get("perishable")), since, unknown)
    return None if said == Goods() else said


def _yes_no(cell: object) -> bool | None:
    text = str(cell if cell is not None else "").strip().lower()
    if text and text not in YES_NO:
        told = f"“{text[:20]}” is neither yes nor no."
        raise Refusal(told, field="perishable")
    return YES_NO.get(text)


def _since(cell: object) -> tuple[date | None, bool]:
    """The day, and whether the one there is shall be forgotten."""
    if isinstance(cell, datetime):
        return cell.date(), False
    text = str(cell if cell is not None else "").strip()
    if not text or text.lower() == UNKNOWN:
        return None, bool(text)
    try:
        return date.fromisoformat(text), False
    except ValueError:
        told = f"“{text[:20]}” is no day like 2026-11-27, nor “unknown”."
        raise Refusal(told, field="on_market_since") from None


def _words(row: dict[str, Any], name: str) -> str:
    text = str(row.get(name) or "").strip().removeprefix("'")
    if not text:
        raise Refusal(f"The {name} is blank.", field=name)
    return text


def _units(row: dict[str, Any], name: str, *, blank: bool = False) -> int:
    text = str(row.get(name) if row.get(name) is not None else "").strip()
    text = text.removesuffix(".0")
    if not text and blank:
        return 0
    if not text.isdecimal() or len(text) > 9:
        raise Refusal(f"“{text[:20]}” is not a whole number of units.", field=name)
    return int(text)
