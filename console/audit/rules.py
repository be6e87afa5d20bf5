"""How the chain is computed, and how a cell is made harmless; plain Python."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FIRST = "0" * 64
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def plain(value: Any) -> Any:
    """A JSON value that a jsonb column gives back exactly as it was.

    PostgreSQL rewrites floats and refuses NUL, so both become text.
    """
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def canonical(row: Any) -> str:
    """One spelling of a value: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row: SHA-256 over the previous hash and the canonical row."""
    return hashlib.sha256(f"{previous}\n{canonical(row)}".encode()).hexdigest()


def changes(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """What differs, as (name, before, after), in the order of the names.

    A value that is not a mapping is compared whole, under the empty name.
    """
    if not isinstance(before, Mapping | None) or not isinstance(after, Mapping | None):
        return [("", before, after)] if before != after else []
    was, is_ = before or {}, after or {}
    names = sorted(was.keys() | is_.keys())
    pairs = ((name, was.get(name), is_.get(name)) for name in names)
    return [(name, old, new) for name, old, new in pairs if old != new]


def said(value: Any, longest: int = 60) -> str:
    """A value as the page shows it, cut where it is too long; nothing is a dash."""
    if value is None or value == "":
        return "–"
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cell(value: object) -> str:
    """Text a spreadsheet will not run: a quote before what starts a formula.

    Source: OWASP ASVS 5.0, 1.2.10.
    """
    text = "" if value is None else str(value)
    harmless = text.replace("\0", "")
    return f"'{harmless}" if text.startswith(STARTS_A_FORMULA) else harmless
