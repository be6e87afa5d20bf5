"""Reading a catalogue: the file, its columns, and what each row says alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from console.campaigns import shopify
from console.campaigns.catalogue.columns import COLUMNS, TEXTS, CatalogueResource
from console.campaigns.sheets import WrongColumns
from console.shell import spreadsheets
from console.shell.spreadsheets import UnreadableSheet

MOST_ROWS = 20_000
"""What one request takes; a larger catalogue comes in parts."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row. number: as a spreadsheet counts it, the heading being 1.

    texts: those that are said, by column. currency: blank is that of the SKU. None
    leaves a value as it is. from_at: since when a price of the past was in force.
    """

    number: int
    sku: str
    texts: dict[str, str]
    list_price: Decimal | None
    currency: str
    cost: Decimal | None
    from_at: datetime | None
    net: Decimal | None
    channel: str
    remark: str


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong with one cell."""

    row: int
    sku: str
    field: str
    message: str


def read(
    upload: UploadedFile[Any], channels: Collection[str], currency: str = ""
) -> tuple[list[Said], list[Bad]]:
    """Every row of a sheet or a Shopify product export, and what is wrong with others.

    channels: those that a price may be of. currency: what a Shopify export, which has
    no column for it, is in; blank is that of each SKU.

    Raises:
        UnreadableSheet: it is neither CSV nor XLSX, or has too many rows.
        WrongColumns: which, and what to do.
    """
    resource = CatalogueResource(channels)
    good: list[Said] = []
    bad: list[Bad] = []
    with _on_disk(upload) as path:
        for number, cells in _rows(path, currency):
            values, wrong = resource.read(cells)
            code = values.get("sku", "")[:64]
            wrong = wrong or _missing(values)
            bad += [Bad(number, code, *one) for one in wrong.items()]
            if not wrong:
                good.append(_said(number, values))
    return good, bad


@contextmanager
def _on_disk(upload: UploadedFile[Any]) -> Iterator[Path]:
    with NamedTemporaryFile() as kept:
        for part in upload.chunks():
            kept.write(part)
        kept.flush()
        yield Path(kept.name)


def _rows(path: Path, currency: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = spreadsheets.table(path)
    headings = [text.strip() for text in next(lines, [])]
    if shopify.is_export(headings):
        raw = ((n, dict(zip(headings, row, strict=False))) for n, row in _few(lines))
        for number, said in shopify.goods(raw):
            yield number, {**said, "currency": currency}
        return
    names = _names(headings)
    for number, cells in _few(lines):
        yield number, dict(zip(names, cells, strict=False))


def _few(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, as long as one request can take them."""
    for count, numbered in enumerate(spreadsheets.numbered(lines), 1):
        if count > MOST_ROWS:
            raise UnreadableSheet(
                f"The sheet has more than {MOST_ROWS:,} rows. Split it.", field="file"
            )
        yield numbered


def _names(headings: Sequence[str]) -> list[str]:
    """Our names of the columns.

    Raises:
        WrongColumns: one is unknown or there twice, or `sku` is missing.
    """
    names = [text.lower().replace(" ", "_") for text in headings]
    use = f"Use {', '.join(COLUMNS)}; only sku is needed."
    for text, name in zip(headings, names, strict=True):
        if name not in COLUMNS:
            said = text[:60]
            raise WrongColumns(f"Unknown column “{said}”. {use}", field=said or "file")
        if names.count(name) > 1:
            raise WrongColumns(f"The column {name} is there twice.", field=name)
    if "sku" not in names:
        raise WrongColumns(f"The column sku is missing. {use}", field="sku")
    return names


def _missing(values: dict[str, Any]) -> dict[str, str]:
    """What a row needs besides cells that can be read."""
    if not values["sku"]:
        return {"sku": "The SKU is blank. Give every row a SKU."}
    if values["list_price"] is None:
        return {
            name: "This belongs to a list price, and that is blank. Fill it in."
            for name in ("from_at", "net")
            if values[name] is not None
        }
    if values["from_at"] and not values["remark"]:
        said = "The remark is blank. Say where this price of the past comes from."
        return {"remark": said}
    return {}


def _said(number: int, values: dict[str, Any]) -> Said:
    texts = {name: values[name] for name in TEXTS if values[name]}
    rest = {name: values[name] for name in COLUMNS if name not in TEXTS}
    return Said(number=number, texts=texts, **rest)
