"""The cells of a sheet as its author wrote them, kept and handed out again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic_core import to_json

from console.shell.spreadsheets import table

SAID = ("row", "problem")
"""What a file of bad rows says of each, before the sheet's own columns."""
LONGEST_KEPT = 2000


def own_headings(path: Path) -> list[str]:
    """The columns of a sheet as its author wrote them, in their order.

    Raises:
        UnreadableSheet: it is neither CSV nor XLSX, or too large.
        OSError: there is no such file.
    """
    names = map(str.strip, next(table(path), []))
    return [name for name in names if name.lower() not in SAID]


def kept(raw: Mapping[str, str]) -> str:
    """Cells as JSON, long ones cut; `json.dumps` takes five times as long."""
    said = to_json(raw)
    if len(said) > LONGEST_KEPT:
        said = to_json({name: text[:LONGEST_KEPT] for name, text in raw.items()})
    return said.decode()
