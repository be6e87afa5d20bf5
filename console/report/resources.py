"""The report as a file: the SKUs as a sheet, everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from console.report.page import Report
from console.shell.files import download

HEADERS = ["sku", "name", "variant", "depth", "sellable", "sold", "sell_through"]
HEADERS += ["revenue", "currency"]


def file(report: Report, name: str, form: str) -> HttpResponseBase:
    """The report as a file that is saved as `name`. form: csv, xlsx or json."""
    if form != "json":
        return download(name, form, HEADERS, _rows(report))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(_json(report), "application/json", headers=headers)


def _rows(report: Report) -> Iterator[list[Any]]:
    for row in report.rows:
        numbers = [_ratio(row.depth), row.sellable, row.sold, _ratio(row.sell_through)]
        named = [row.code, row.name, row.variant]
        yield [*named, *numbers, str(row.revenue), report.currency]


def _ratio(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)


def _json(report: Report) -> bytes:
    """With its seal: `hash` is the SHA-256 of `report`, keys sorted, no blanks."""
    frozen = report.frozen_at.isoformat() if report.frozen_at else None
    told = {"frozen_at": frozen, "hash": report.hash or None, "report": report.data}
    return json.dumps(told, indent=1, ensure_ascii=False).encode()
