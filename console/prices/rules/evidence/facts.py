"""What the evidence of a sale rests on, and how it is written to a file and read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from console.prices.rules.history import Clock, Point, Reason
from console.prices.rules.packs import Law
from console.prices.rules.patterns import Run

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the price history, as it was written.

    channel: empty of the first channel of the sale.
    """

    number: int
    from_at: datetime
    amount: Decimal
    reason: str
    campaign: str
    recorded_at: datetime
    net: Decimal | None = None
    channel: str = ""

    def point(self) -> Point:
        """The values the rules read."""
        sale = self.reason == Reason.SALE
        return Point(self.from_at, self.amount, sale, self.net)

    def plain(self) -> Plain:
        """As the file holds it."""
        elsewhere = {"channel": self.channel} if self.channel else {}
        return elsewhere | {
            "number": self.number,
            "from_at": stamp(self.from_at),
            "amount": spelled(self.amount),
            "net": None if self.net is None else spelled(self.net),
            "reason": str(self.reason),
            "campaign": self.campaign,
            "recorded_at": stamp(self.recorded_at),
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Row:
        """From the file."""
        net = said["net"]
        return cls(
            said["number"],
            datetime.fromisoformat(said["from_at"]),
            Decimal(said["amount"]),
            said["reason"],
            said["campaign"],
            datetime.fromisoformat(said["recorded_at"]),
            None if net is None else Decimal(net),
            said.get("channel", ""),
        )


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One SKU as offered. The flags are those of the packs (rules/packs/facts.py)."""

    sku: str
    name: str
    regular: Decimal
    sale: Decimal
    on_market_since: datetime | None = None
    perishable: bool = False
    personal: bool = False
    conditional: bool = False
    members: bool = False

    def plain(self) -> Plain:
        """As the file holds it; files older than `members` are without it."""
        since = self.on_market_since
        later = {"members": True} if self.members else {}
        return later | {
            "sku": self.sku,
            "name": self.name,
            "regular": spelled(self.regular),
            "sale": spelled(self.sale),
            "on_market_since": None if since is None else stamp(since),
            "perishable": self.perishable,
            "personal": self.personal,
            "conditional": self.conditional,
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> LineFacts:
        """From the file."""
        since = said["on_market_since"]
        return cls(
            said["sku"],
            said["name"],
            Decimal(said["regular"]),
            Decimal(said["sale"]),
            None if since is None else datetime.fromisoformat(since),
            said["perishable"],
            said["personal"],
            said["conditional"],
            said.get("members", False),
        )

    @property
    def depth(self) -> int:
        """Percent off the regular price, rounded down."""
        return int(100 * (self.regular - self.sale) // self.regular)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text about the last units, and the units the ledger had when it was given."""

    sku: str
    units: int
    text: str
    from_at: datetime
    until_at: datetime

    def plain(self) -> Plain:
        """As the file holds it."""
        return {
            "sku": self.sku,
            "units": self.units,
            "text": self.text,
            "from_at": stamp(self.from_at),
            "until_at": stamp(self.until_at),
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Shown:
        """From the file."""
        times = (datetime.fromisoformat(said[n]) for n in ("from_at", "until_at"))
        return cls(said["sku"], said["units"], said["text"], *times)

    @property
    def holds(self) -> bool:
        """True if the one number of the text is that of the ledger."""
        return re.findall(r"\d+", self.text) == [str(self.units)] and (
            self.from_at <= self.until_at
        )


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """A sale as its evidence sees it.

    packs: those that judge it, each with the options that are adopted. clocks: where it
    begins by each of them; of the sale as a whole if empty. zone, opens_at: of the
    first.
    up_to: the percentage an "up to" claim names. approvals: plain values, who, when, on
    which content. others: the sales after it, for offers that follow on.
    scarcity: what shops were given to say about the last units. channels: all of them,
    where there are more than the one.
    """

    code: str
    name: str
    currency: str
    channel: str
    zone: str
    opens_at: datetime
    closes_at: datetime
    lines: Sequence[LineFacts]
    packs: Sequence[Law]
    content_hash: str = ""
    approvals: Sequence[Mapping[str, Any]] = ()
    countdown: bool = False
    end_moved: bool = False
    up_to: int | None = None
    others: Sequence[Run] = ()
    scarcity: Sequence[Shown] = ()
    clocks: Sequence[Clock] = ()
    channels: Sequence[str] = ()

    @property
    def first(self) -> Clock:
        """Where it begins first."""
        return Clock(self.opens_at, self.zone)

    @property
    def begins(self) -> Sequence[Clock]:
        """Where it begins by each of its packs."""
        return self.clocks or [self.first] * len(self.packs)

    @property
    def windows(self) -> Sequence[Clock]:
        """Where it begins, each place once, the first first."""
        return sorted({*self.begins}) or [self.first]

    def plain(self) -> Plain:
        """As the file holds it: without lines, packs, approvals and others."""
        several = {"channels": list(self.channels)} if self.channels else {}
        return several | {
            "code": self.code,
            "name": self.name,
            "currency": self.currency,
            "channel": self.channel,
            "zone": self.zone,
            "opens_at": stamp(self.opens_at),
            "closes_at": stamp(self.closes_at),
            "content_hash": self.content_hash,
            "countdown": self.countdown,
            "end_moved": self.end_moved,
            "up_to": self.up_to,
            "lines": len(self.lines),
        }

    def as_written(self) -> SaleFacts:
        """The same facts as a file gives them back: UTC, amounts without zeros."""
        lines = [LineFacts.read(line.plain()) for line in self.lines]
        skus = {line.sku for line in lines}
        others = [plain_run(run, skus) for run in self.others]
        clocks = [Clock(one.at.astimezone(UTC), one.zone) for one in self.begins]
        found = read_sale(self.plain(), lines, self.packs, others, clocks)
        return replace(found, approvals=self.approvals, scarcity=self.scarcity)

    def run(self, line: LineFacts) -> Run:
        """The sale as far as one line goes."""
        depths = {line.sku: line.depth}
        return Run(self.code, self.name, self.opens_at, self.closes_at, depths)


def read_sale(
    said: Mapping[str, Any],
    lines: Sequence[LineFacts],
    packs: Sequence[Law],
    others: Sequence[Mapping[str, Any]],
    clocks: Sequence[Clock],
) -> SaleFacts:
    """A sale from the parts of a file that hold it."""
    own = {name: said[name] for name in said if name != "lines"}
    for name in ("opens_at", "closes_at"):
        own[name] = datetime.fromisoformat(own[name])
    runs = [read_run(one) for one in others]
    return SaleFacts(**own, lines=lines, packs=packs, others=runs, clocks=clocks)


def plain_run(run: Run, skus: set[str]) -> Plain:
    """Another sale as the file holds it: only the SKUs the two have in common."""
    return {
        "code": run.code,
        "name": run.name,
        "opens_at": stamp(run.opens_at),
        "closes_at": stamp(run.closes_at),
        "depths": {sku: depth for sku, depth in run.depths.items() if sku in skus},
    }


def read_run(said: Mapping[str, Any]) -> Run:
    """Another sale from the file."""
    opens, closes = (datetime.fromisoformat(said[n]) for n in ("opens_at", "closes_at"))
    return Run(said["code"], said["name"], opens, closes, said["depths"])


def stamp(at: datetime) -> str:
    """An instant in UTC, to the microsecond where it has them."""
    return at.astimezone(UTC).isoformat()


def spelled(amount: Decimal) -> str:
    """An amount without exponent and without trailing zeros."""
    return format(amount.normalize(), "f")
