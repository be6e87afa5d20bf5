"""What a certificate says of one SKU of a sale, computed from its entries alone.

An entry is a JSON array as the database spells it: id, instant (microseconds since
1970), source, target, units, location, reservation, reason. No database is asked:
whoever has the entries can compute it again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BLOCK = 1_000
"""Entries of one link of the chain."""
START = bytes(32)
ENDS = ("expired", "released", "reclaimed")
"""Why a hold was given back, as entries name it."""
PROMISES = ("reserved", "sold")
OWN = ("free", "pool", "buffer", "reserved", "sold", "committed", "owed")
"""Accounts a unit of a sale goes through; from any other it was never on a shelf."""


@dataclass(frozen=True, order=True)
class Flow:
    """Where units went, and from where. end: of ENDS; back: as the sale gave back."""

    source: str
    target: str
    location: int = 0
    end: str = ""
    back: bool = False


@dataclass(frozen=True)
class Total:
    """How many entries, and their units."""

    entries: int = 0
    units: int = 0

    def __add__(self, other: Total) -> Total:
        """Both."""
        return Total(self.entries + other.entries, self.units + other.units)


@dataclass
class Tally:
    """The entries of one SKU of a sale, added up and linked.

    lowest: the least that was left in the pool after a promise to a buyer.
    """

    flows: defaultdict[Flow, Total] = field(default_factory=lambda: defaultdict(Total))
    entries: int = 0
    first: int = 0
    last: int = 0
    lowest: int = 0
    chain: bytes = START

    def link(self, block: bytes, entries: int, first: int, last: int) -> None:
        """Go on with up to BLOCK entries; block: SHA-256 of their lines."""
        self.chain = hashlib.sha256(self.chain + block).digest()
        self.first = self.first or first
        self.entries, self.last = self.entries + entries, last


@dataclass(frozen=True)
class Told:
    """What entries do not say: names, and units that were paid for and never there."""

    campaign: str
    sku: str
    returned_at: int
    places: Mapping[int, str]
    short: int = 0


def flow(entry: Sequence[Any], returned_at: int) -> Flow:
    """What one entry did."""
    _id, at, source, target, _units, location, reservation, reason = entry
    back = at == returned_at and reservation is None
    return Flow(source, target, location or 0, reason if reason in ENDS else "", back)


def content(told: Told, tally: Tally) -> dict[str, Any]:
    """The certificate. Units that went back count as `unsold`, and `buffer` as such.

    Of the buffer, what went to those who were sold units that were not there is sold.

    locations: what came from each place, what was sold of it and what went back there.
    oversold: units promised beyond what there was, at the worst instant.
    """
    at = _Sums(tally.flows)
    freed = at.sum("pool", "free", back=True)
    buffer = min(at.sum("buffer", "pool", back=True), freed)
    sold = at.net("reserved", "sold") + at.net("pool", "sold")
    said = {
        "campaign": told.campaign,
        "sku": told.sku,
        "returned_at": told.returned_at,
        "locked": at.net("free", "pool", back=False),
        "backordered": at.elsewhere(),
        "sold": sold,
        "unsold": freed - buffer,
        "buffer": buffer,
        "cancelled": at.sum("sold", "pool"),
        "held": at.both("pool", "reserved"),
        **{end: at.both("reserved", "pool", end=end) for end in ENDS},
        "paid_late": at.sum("pool", "sold"),
        "short": told.short,
        "oversold": max(0, -tally.lowest),
        "locations": _places(at, told.places),
        "entries": tally.entries,
        "first": tally.first,
        "last": tally.last,
        "chain": tally.chain.hex(),
    }
    said["balanced"] = at.settled() and _adds_up(said)
    return said


def _adds_up(said: Mapping[str, Any]) -> bool:
    there = said["locked"] + said["backordered"]
    return bool(there == said["sold"] + said["unsold"] + said["buffer"])


class _Sums:
    """Questions to the flows of a tally."""

    def __init__(self, flows: Mapping[Flow, Total]) -> None:
        self.flows = flows

    def total(self, source: str, target: str, **wanted: Any) -> Total:
        found = Total()
        for one, total in self.flows.items():
            if (one.source, one.target) == (source, target) and all(
                getattr(one, name) == value for name, value in wanted.items()
            ):
                found += total
        return found

    def sum(self, source: str, target: str, **wanted: Any) -> int:
        return self.total(source, target, **wanted).units

    def both(self, source: str, target: str, **wanted: Any) -> dict[str, int]:
        found = self.total(source, target, **wanted)
        return {"times": found.entries, "units": found.units}

    def net(self, source: str, target: str, **wanted: Any) -> int:
        return self.sum(source, target, **wanted) - self.sum(target, source, **wanted)

    def elsewhere(self) -> int:
        """Units that came to the sale from no shelf, less those that left it so."""
        came = sum(t.units for f, t in self.flows.items() if f.source not in OWN)
        return came - sum(t.units for f, t in self.flows.items() if f.target not in OWN)

    def settled(self) -> bool:
        """Nothing is left in the accounts of the sale itself."""
        left: defaultdict[str, int] = defaultdict(int)
        for one, total in self.flows.items():
            left[one.source] -= total.units
            left[one.target] += total.units
        return not any(left[name] for name in ("pool", "buffer", "reserved", "sold"))


def _places(at: _Sums, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Place by place; the buffer of a sale is of no place until it goes back."""
    return [
        {
            "location": place,
            "name": names.get(place, ""),
            "locked": at.net("free", "pool", location=place, back=False),
            "sold": at.sum("sold", "committed", location=place, back=True),
            "back": at.sum("pool", "free", location=place, back=True),
        }
        for place in sorted({one.location for one in at.flows} - {0})
    ]


def seal(said: Mapping[str, Any]) -> str:
    """SHA-256 of a certificate, the same whatever order its keys come in."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
