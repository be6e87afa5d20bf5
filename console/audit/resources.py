"""The trail as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from console.audit import rules
from console.audit.models import Entry

MOST_ROWS = 50_000
COLUMNS = ["position", "at", "actor", "verb", "object", "object_type", "object_id"]
COLUMNS += ["before", "after", "reason", "hash"]


def trail(entries: Iterable[Entry]) -> str:
    """CSV with a header; no cell starts a formula when a spreadsheet opens it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow(rules.cell(value) for value in _row(entry))
    return out.getvalue()


def _row(entry: Entry) -> list[Any]:
    return [
        entry.position,
        entry.at.isoformat(),
        entry.actor_name or "Doorbuster",
        entry.verb,
        entry.object_label,
        entry.object_type,
        entry.object_id,
        _json(entry.before),
        _json(entry.after),
        entry.reason,
        entry.hash,
    ]


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
