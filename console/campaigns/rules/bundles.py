"""What stands in a bundle, how it is spelled, and what changed; plain Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from console.errors import Refusal

FORMAT = "doorbuster campaign 1"
LARGEST = 32 * 2**20
"""Bytes: about 200,000 lines."""
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}\Z")
_SIGNED = re.compile(r'"signature": "([^"\n]*)"\n}\n\Z')
_LINE = {
    "sku": str,
    "regular_price": str,
    "sale_price": str,
    "units": int,
    "buffer": int,
    "price_confirmed": bool,
}
_OF_A_FILTER = {"source": str, "source_price": str}
"""What stands only in a line that a filter gave its price, and in no older file."""
_PLAN = ("code", "terms", "lines")
_RECORD = ("content_hash", "state", "override_reason", "policies", "approvals")


class BundleUnreadable(Refusal):
    """The file is no bundle."""

    code = "bundle_unreadable"
    status = 422


class BundleChanged(Refusal):
    """The signature does not hold."""

    code = "bundle_changed"


@dataclass(frozen=True, order=True)
class Row:
    """One line, prices as text with two digits at least.

    source, source_price: the filter that gave it its price, as `kind value`, and which;
    empty for an item.
    """

    sku: str
    regular_price: str
    sale_price: str
    units: int
    buffer: int
    price_confirmed: bool = False
    source: str = ""
    source_price: str = ""

    def spelled(self) -> dict[str, Any]:
        """What the file says of it: of an item nothing about filters."""
        said = asdict(self)
        return {n: v for n, v in said.items() if v or n not in _OF_A_FILTER}


@dataclass(frozen=True)
class Bundle:
    """A campaign as one file. record: what was decided; it is told, never imported."""

    code: str
    terms: Mapping[str, Any]
    lines: Sequence[Row]
    record: Mapping[str, Any]


def write(bundle: Bundle, signature: str = "") -> str:
    """The file: always the same for the same campaign, a line for each term and SKU."""
    rows = sorted(bundle.lines)
    parts = [("format", _text(FORMAT)), ("code", _text(bundle.code))]
    parts += [("terms", _text(dict(bundle.terms))), ("lines", _rows(rows))]
    parts += [(name, _text(bundle.record[name])) for name in _RECORD]
    parts += [("signature", _text(signature))]
    body = ",\n".join(f'  "{name}": {text}' for name, text in parts)
    return f"{{\n{body}\n}}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _rows(rows: Sequence[Row]) -> str:
    if not rows:
        return "[]"
    told = (json.dumps(row.spelled(), ensure_ascii=False) for row in rows)
    return "[\n    " + ",\n    ".join(told) + "\n  ]"


def split(text: str) -> tuple[str, str]:
    """The file as it was signed, with an empty signature, and its signature."""
    found = _SIGNED.search(text)
    if found is None:
        return text, ""
    return text[: found.start()] + '"signature": ""\n}\n', found[1]


def read(data: bytes) -> tuple[Bundle, str]:
    """The bundle in a file, and the file's text.

    Raises:
        BundleUnreadable: too large, no JSON, or not of the form we write.
    """
    if len(data) > LARGEST:
        raise _no(f"it has more than {LARGEST // 2**20} MB")
    try:
        text = data.decode()
        said = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as error:
        raise _no("it is not JSON in UTF-8") from error
    return _bundle(said), text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a name stands twice")
    return said


def _never(name: str) -> Any:
    raise ValueError(name)


def _bundle(said: Any) -> Bundle:
    named = {"format", "signature", *_PLAN, *_RECORD}
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _no(f'its format is not "{FORMAT}"')
    if set(said) != named:
        wrong = sorted(set(said) ^ named)[0]
        raise _no(f"{wrong} is missing or does not belong there")
    code, terms = said["code"], said["terms"]
    if not isinstance(code, str) or not CODE.match(code):
        raise _no("its code is not letters, digits and dashes, at most 20")
    if not isinstance(terms, dict) or not all(map(_is_flat, terms.values())):
        raise _no("its terms are not texts and numbers")
    rows = _checked(said["lines"])
    return Bundle(code, terms, rows, {name: said[name] for name in _RECORD})


def _is_flat(value: Any) -> bool:
    """A text, a number, null, or a list of texts."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return value is None or isinstance(value, str | int)


def _checked(rows: Any) -> list[Row]:
    if not isinstance(rows, list):
        raise _no("its lines are no list")
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not _is_line(row):
            raise _no(f"line {number} is not a line of a bundle")
        if row["sku"] in seen:
            raise _no(f"{row['sku']} stands there twice")
        seen.add(row["sku"])
    return [Row(**row) for row in rows]


def _is_line(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    kinds = _LINE | _OF_A_FILTER if "source" in row else _LINE
    return list(row) == list(kinds) and all(
        type(row[name]) is kind for name, kind in kinds.items()
    )


def _no(why: str) -> BundleUnreadable:
    return BundleUnreadable(
        f"This file is no bundle of a campaign: {why}. Export it again.", field="file"
    )


@dataclass(frozen=True)
class Change:
    """One difference. what: `terms.name` or `lines.SKU.units`; None: not there."""

    what: str
    before: Any
    after: Any


def changes(before: Bundle | None, after: Bundle) -> list[Change]:
    """What becomes of a plan: its terms, then its lines by SKU."""
    old = before.terms if before else {}
    found = [
        Change(f"terms.{name}", old.get(name), value)
        for name, value in after.terms.items()
        if old.get(name) != value
    ]
    ours = {row.sku: row for row in before.lines} if before else {}
    theirs = {row.sku: row for row in after.lines}
    for sku in sorted(ours.keys() | theirs.keys()):
        found += _line_changes(sku, ours.get(sku), theirs.get(sku))
    return found


def _line_changes(sku: str, old: Row | None, new: Row | None) -> Iterable[Change]:
    if old is None or new is None:
        sides = (asdict(row) if row else None for row in (old, new))
        return [Change(f"lines.{sku}", *sides)]
    was, now = asdict(old), asdict(new)
    return [
        Change(f"lines.{sku}.{name}", was[name], now[name])
        for name in now
        if was[name] != now[name]
    ]
