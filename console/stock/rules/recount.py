"""Computes certificates again from a file of them with their entries.

The file has one JSON value a line: a certificate (`content`, `hash`), then its entries
in the order of their ids, then the next certificate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from console.stock.rules.certificates import (
    BLOCK,
    PROMISES,
    Tally,
    Told,
    Total,
    content,
    flow,
    seal,
)


@dataclass(frozen=True)
class Recounted:
    """A certificate computed again; wrong: what does not hold, nothing if it does."""

    campaign: str
    sku: str
    hash: str
    entries: int
    oversold: int
    wrong: tuple[str, ...]


class Counting:
    """Adds up the lines of one SKU in their order, a block of them in memory."""

    def __init__(self, returned_at: int) -> None:
        """Begin with no entry. returned_at: microseconds since 1970."""
        self.tally = Tally()
        self._returned_at = returned_at
        self._pool = 0
        self._lines: list[str] = []
        self._ids: list[int] = []

    def add(self, line: str) -> None:
        """One entry, as the database spelled it.

        Raises:
            ValueError: it is none, or comes before the one before it.
        """
        entry = json.loads(line)
        number, source, target, units = entry[0], entry[2], entry[3], entry[4]
        if self._ids and number <= self._ids[-1]:
            raise ValueError(f"entry {number} comes after entry {self._ids[-1]}")
        self._pool += units * ((target == "pool") - (source == "pool"))
        if source == "pool" and target in PROMISES:
            self.tally.lowest = min(self.tally.lowest, self._pool)
        self.tally.flows[flow(entry, self._returned_at)] += Total(1, units)
        self._lines.append(line)
        self._ids.append(number)
        if len(self._lines) == BLOCK:
            self._link()

    def _link(self) -> None:
        block = hashlib.sha256("\n".join(self._lines).encode()).digest()
        self.tally.link(block, len(self._lines), self._ids[0], self._ids[-1])
        self._lines, self._ids = [], self._ids[-1:]

    def done(self) -> Tally:
        """All of it."""
        if self._lines:
            self._ids = self._ids[-len(self._lines) :]
            self._link()
        return self.tally


def recount(lines: Iterable[str]) -> Iterator[Recounted]:
    """Each certificate of a file, computed again.

    Raises:
        ValueError: a line is no JSON, or an entry belongs to no certificate.
    """
    said: dict[str, Any] | None = None
    counting = Counting(0)
    for line in lines:
        line = line.rstrip("\n")
        if line.startswith("["):
            if said is None:
                raise ValueError("an entry comes before any certificate")
            counting.add(line)
        elif line:
            if said is not None:
                yield compared(said, counting.done())
            said = json.loads(line)
            counting = Counting(said["content"]["returned_at"])
    if said is not None:
        yield compared(said, counting.done())


def compared(said: dict[str, Any], tally: Tally) -> Recounted:
    """A certificate beside what its entries say."""
    kept = said["content"]
    names = {one["location"]: one["name"] for one in kept["locations"]}
    told = Told(
        kept["campaign"], kept["sku"], kept["returned_at"], names, kept["short"]
    )
    again = content(told, tally)
    wrong = [
        f"{name} is {kept.get(name)!r}, entries say {again[name]!r}"
        for name in again
        if kept.get(name) != again[name]
    ]
    wrong += [f"{name} is unknown" for name in kept.keys() - again.keys()]
    if seal(kept) != said["hash"]:
        wrong.append("the hash is not that of the content")
    return Recounted(
        kept["campaign"],
        kept["sku"],
        said["hash"],
        tally.entries,
        again["oversold"],
        tuple(wrong),
    )
