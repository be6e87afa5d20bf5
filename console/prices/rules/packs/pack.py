"""A pack of rules: read from its data file, one file a version."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from console.errors import Refusal

DATA = Path(__file__).resolve().parent / "data"


OPTIONS = {
    "perishable": "Perishable goods are measured from the price right before",
    "new_arrival": "New arrivals are measured over their days on the market",
    "progressive": "A growing reduction is measured from before its first step",
}
"""What member states may choose, by the check of its rule."""


class UnknownPack(Refusal):
    """There is no such pack, version or option."""

    code = "unknown_pack"
    status = 404


class OptionNotLeft(Refusal):
    """The pack does not leave this to member states."""

    code = "option_not_left"
    status = 422


class Strictness(StrEnum):
    """What a broken rule means: it stops the announcement, or a person judges."""

    BLOCK = "block"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its own words, where they come from, and how it is checked.

    check: the function that looks (judge.py). adopted: an option of member states may
    be left out.
    """

    id: str
    check: str
    strictness: Strictness
    source: str
    text: str
    adopted: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of one market, as of one version. hash: of the data file."""

    id: str
    version: int
    title: str
    valid_from: date
    checked_on: date
    rules: Sequence[Rule]
    hash: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`eu v1`; with its options `eu v1 with perishable`."""
        chosen = f" with {', '.join(self.options)}" if self.options else ""
        return f"{self.id} v{self.version}{chosen}"

    @property
    def label(self) -> str:
        """Its title, with the options adopted: `European Union (new arrival)`."""
        said = ", ".join(one.replace("_", " ") for one in self.options)
        return f"{self.title} ({said})" if said else self.title

    @property
    def choices(self) -> tuple[str, ...]:
        """The options it leaves to member states, adopted here or not."""
        own = (rule.check for rule in self.rules if not rule.adopted)
        return tuple(sorted({*own, *self.options}))

    def with_options(self, *names: str) -> Pack:
        """The same pack where these options of member states are adopted.

        Raises:
            UnknownPack: it has no such option.
        """
        if unknown := set(names) - {rule.check for rule in self.rules}:
            raise UnknownPack(f"{self} has no option {', '.join(sorted(unknown))}.")
        rules = [
            replace(rule, adopted=True) if rule.check in names else rule
            for rule in self.rules
        ]
        chosen = tuple(sorted({*self.options, *names}))
        return replace(self, rules=rules, options=chosen)

    def rule(self, check: str) -> Rule | None:
        """The rule that is checked so, if the pack has it and it is adopted."""
        for rule in self.rules:
            if rule.check == check and rule.adopted:
                return rule
        return None


@dataclass(frozen=True, slots=True, order=True)
class Law:
    """What a market is judged by: a pack, and the options adopted there.

    version: 0 is the newest in force.
    """

    id: str
    options: tuple[str, ...] = ()
    version: int = 0

    def at(self, at: datetime, zone: str) -> Pack:
        """The same, of the day it is then on the clocks of a zone.

        Raises:
            UnknownPack: there is none.
        """
        return self.on(at.astimezone(ZoneInfo(zone)).date())

    def on(self, day: date) -> Pack:
        """The pack of that day, or the version it names, with the options that leaves.

        Raises:
            UnknownPack: there is none.
        """
        return _chosen(self, day)


@lru_cache(maxsize=256)
def _chosen(law: Law, day: date) -> Pack:
    found = pack(law.id, version=law.version, on=None if law.version else day)
    return found.with_options(*sorted({*law.options} & {*found.choices}))


def pack(name: str, *, version: int = 0, on: date | None = None) -> Pack:
    """A pack by its id: this version, or the newest in force on a day.

    Raises:
        UnknownPack: there is none.
    """
    found = [
        one
        for one in packs()
        if one.id == name
        and (not version or one.version == version)
        and (on is None or one.valid_from <= on)
    ]
    if not found:
        raise UnknownPack(f"There is no pack {name} {version or ''}".strip() + ".")
    return max(found, key=lambda one: one.version)


@cache
def packs() -> tuple[Pack, ...]:
    """Every version of every pack."""
    return tuple(_read(path) for path in sorted(DATA.glob("*.toml")))


def _read(path: Path) -> Pack:
    raw = path.read_bytes()
    said = tomllib.loads(raw.decode())
    rules = list(_rules(said.pop("rules")))
    return Pack(**said, rules=rules, hash=hashlib.sha256(raw).hexdigest())


def _rules(rows: Iterable[dict[str, Any]]) -> Iterable[Rule]:
    for row in rows:
        yield Rule(**row | {"strictness": Strictness(row["strictness"])})
