"""The report as a file: the SKUs as a sheet, everything as JSON."""

from __future__ import annotations

import json

import tablib

from console.campaigns.resources import encoded
from console.report.page import Report

HEADERS = ["sku", "name", "variant", "depth", "sellable", "sold", "sell_through"]
HEADERS += ["revenue", "currency"]


def file(report: Report, form: str) -> tuple[bytes, str]:
    """The body and content type of an export. form: csv, xlsx or json."""
    if form == "json":
        return _json(report), "application/json"
    table = tablib.Dataset(headers=HEADERS)
    for row in report.rows:
        numbers = [_ratio(row.depth), row.sellable, row.sold, _ratio(row.sell_through)]
        named = [row.code, row.name, row.variant]
        table.append([*named, *numbers, str(row.revenue), report.currency])
    return encoded(table, form)


def _ratio(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)


def _json(report: Report) -> bytes:
    """With its seal: `hash` is the SHA-256 of `report`, keys sorted, no blanks."""
    frozen = report.frozen_at.isoformat() if report.frozen_at else None
    told = {"frozen_at": frozen, "hash": report.hash or None, "report": report.data}
    return json.dumps(told, indent=1, ensure_ascii=False).encode()
