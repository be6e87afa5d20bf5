"""Checks evidence from its file alone: spelling, links, seal, and every computation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.audit.rules import FIRST, canonical, link
from console.errors import Refusal
from console.prices.rules.evidence.facts import (
    LineFacts,
    Row,
    SaleFacts,
    Shown,
    read_sale,
)
from console.prices.rules.evidence.parts import (
    line_part,
    plain_packs,
    reached,
    read_clock,
)
from console.prices.rules.evidence.seal import HEAD, tail
from console.prices.rules.packs import Law

FIXED = ("sale", "packs", "other sales", "approvals")
SCARCITY = "scarcity"
"""A part that is left out where nothing was said about the last units."""
WRONG = "was said to have other units left than the ledger had"


@dataclass(frozen=True, slots=True)
class Void:
    """A part that does not hold, and why."""

    part: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found. seal: as the file says."""

    parts: int
    seal: str
    void: Sequence[Void]

    @property
    def holds(self) -> bool:
        """True if every part holds."""
        return not self.void


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    content: Any
    previous: str
    hash: str


def check(data: bytes) -> Report:
    """Check a file of evidence; nothing but the file and the packs is read."""
    lines = data.decode(errors="replace").split("\n")
    found = [_part(n, line) for n, line in enumerate(_middle(lines), start=1)]
    void = [one for one in found if isinstance(one, Void)]
    void += _frame(data, lines, found)
    void += _links(found)
    good = {one.name: one for one in found if isinstance(one, _Part)}
    if not void:
        void += _computed({name: one.content for name, one in good.items()})
    last = re.search(r'"seal":"([0-9a-f]*)"', lines[-2] if len(lines) > 1 else "")
    return Report(len(found), last[1] if last else "", void)


def _middle(lines: Sequence[str]) -> list[str]:
    inner = list(lines[1:-2])
    return [
        line.removesuffix(",") if number < len(inner) - 1 else line
        for number, line in enumerate(inner)
    ]


def _part(number: int, line: str) -> _Part | Void:
    named = re.findall(r'"name":"([^"]*)"', line)
    name = named[-1] if named else f"number {number}"
    try:
        said = json.loads(line)
        part = _Part(said["name"], said["content"], said["previous"], said["hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Void(name, "is damaged and cannot be read")
    row = {"name": part.name, "content": part.content}
    whole = row | {"previous": part.previous, "hash": part.hash}
    if canonical(whole) != line or link(part.previous, row) != part.hash:
        return Void(name, "was changed after it was sealed")
    return part


def _frame(
    data: bytes, lines: Sequence[str], found: Sequence[_Part | Void]
) -> Iterator[Void]:
    """The lines around the parts, and that every part is there once."""
    last = found[-1] if found else None
    seal = last.hash if isinstance(last, _Part) else ""
    if lines[0] != HEAD:
        yield Void("head", "is not that of a file of evidence")
    if seal and list(lines[-2:]) != [tail(seal), ""]:
        yield Void("seal", "does not belong to the last part")
    if not found or not data.endswith(b'"}\n'):
        yield Void("seal", "is missing: the file is cut short")
    names = [one.name if isinstance(one, _Part) else one.part for one in found]
    for name in FIXED:
        if names.count(name) != 1 and all(isinstance(one, _Part) for one in found):
            yield Void(name, "is missing, or there twice")
    rejoined = "\n".join([lines[0], ",\n".join(_middle(lines)), *lines[-2:]])
    if rejoined.encode(errors="replace") != data:
        yield Void("frame", "was changed between the parts")


def _links(found: Sequence[_Part | Void]) -> Iterator[Void]:
    previous: str | None = FIRST
    for one in found:
        if isinstance(one, Void):
            previous = None
            continue
        if previous is not None and one.previous != previous:
            yield Void(one.name, "does not follow the part before it")
        previous = one.hash


def _computed(contents: Mapping[str, Any]) -> Iterator[Void]:
    """Every number computed again from the history in the file."""
    named = [name for name in contents if name.startswith("line ")]
    try:
        rows = {
            name: [Row.read(r) for r in contents[name]["history"]] for name in named
        }
        sale = _sale(contents, named)
        if len(named) != contents["sale"]["lines"]:
            yield Void("sale", "has another number of lines than the file")
        if plain_packs(sale) != contents["packs"]:
            yield Void("packs", "are not the packs this version of the console has")
        histories = {name.removeprefix("line "): rows[name] for name in named}
        reach = reached(sale, histories)
        for name, line in zip(named, sale.lines, strict=True):
            again = line_part(sale, line, rows[name], reach)
            if canonical(again) != canonical(contents[name]):
                differs = [
                    key for key in again if again[key] != contents[name].get(key)
                ]
                yield Void(name, f"does not add up: {', '.join(differs) or 'content'}")
        yield from _told(contents.get(SCARCITY, []))
    except (KeyError, TypeError, ValueError, ArithmeticError, Refusal) as wrong:
        yield Void("content", f"cannot be computed again: {wrong}")


def _told(texts: Sequence[Mapping[str, Any]]) -> Iterator[Void]:
    """What was said of the last units, by the units the ledger had."""
    for said in texts:
        if not Shown.read(said).holds:
            yield Void(SCARCITY, f"{said['sku']} {WRONG}")


def _sale(contents: Mapping[str, Any], named: Sequence[str]) -> SaleFacts:
    lines = [LineFacts.read(contents[name]["offer"]) for name in named]
    packs = [
        Law(one["id"], tuple(one["options"]), one["version"])
        for one in contents["packs"]
    ]
    own = contents["sale"]
    clocks = [read_clock(one, own) for one in contents["packs"]]
    return read_sale(own, lines, packs, contents["other sales"], clocks)
