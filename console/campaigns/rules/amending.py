"""What an amendment is: the lines and the end of a running sale, before and after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from console.campaigns.rules.content import plain
from console.errors import Refusal


class AmendmentState(StrEnum):
    """How far an amendment is. Approved: its steps are at work."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return self.value.capitalize()


class NothingToAmend(Refusal):
    """The amendment would leave everything as it is, or nothing at all."""

    code = "nothing_to_amend"
    status = 422


class AmendmentDecided(Refusal):
    """Somebody decided about it, or it was withdrawn."""

    code = "amendment_decided"


class AmendmentAtWork(Refusal):
    """The steps of another amendment, or of the sale, are changing prices now."""

    code = "amendment_at_work"


class CountdownPromised(Refusal):
    """Shoppers were shown an end that would no longer be true."""

    code = "countdown_promised"


@dataclass(frozen=True)
class LineSaid:
    """What a line says: prices in the campaign's currency, units to lock."""

    regular_price: Decimal
    sale_price: Decimal
    units: int
    buffer: int
    price_confirmed: bool = False

    def spelled(self) -> dict[str, Any]:
        """The same, JSON-safe."""
        prices = ("regular_price", "sale_price")
        return asdict(self) | {name: plain(getattr(self, name)) for name in prices}

    @classmethod
    def read(cls, spelled: Mapping[str, Any]) -> LineSaid:
        """The other way round of `spelled`."""
        return cls(
            Decimal(spelled["regular_price"]),
            Decimal(spelled["sale_price"]),
            spelled["units"],
            spelled["buffer"],
            spelled["price_confirmed"],
        )


@dataclass(frozen=True)
class LineChange:
    """One SKU before and after; None before: it is new. None after: it leaves."""

    sku: str
    before: LineSaid | None
    after: LineSaid | None

    @property
    def verb(self) -> str:
        """`add`, `remove` or `change`."""
        if self.before is None:
            return "add"
        return "remove" if self.after is None else "change"

    @property
    def reprices(self) -> bool:
        """True if the shop must show another price for it."""
        if self.before is None or self.after is None:
            return True
        return self.before.sale_price != self.after.sale_price

    @property
    def more_units(self) -> int:
        """Units it locks beyond those of before; negative gives some back."""
        return _units(self.after) - _units(self.before)

    @property
    def more_buffer(self) -> int:
        """The same of the buffer."""
        return _buffer(self.after) - _buffer(self.before)

    def spelled(self) -> dict[str, Any]:
        """The same, JSON-safe."""
        return {
            "sku": self.sku,
            "before": self.before.spelled() if self.before else None,
            "after": self.after.spelled() if self.after else None,
        }

    @classmethod
    def read(cls, spelled: Mapping[str, Any]) -> LineChange:
        """The other way round of `spelled`."""
        before, after = spelled["before"], spelled["after"]
        return cls(
            spelled["sku"],
            LineSaid.read(before) if before else None,
            LineSaid.read(after) if after else None,
        )


def _units(line: LineSaid | None) -> int:
    return line.units if line else 0


def _buffer(line: LineSaid | None) -> int:
    return line.buffer if line else 0


def compared(
    before: Mapping[str, LineSaid], after: Mapping[str, LineSaid | None]
) -> list[LineChange]:
    """What changes, by SKU; `after` need name only the SKUs that may."""
    pairs = ((sku, before.get(sku), after[sku]) for sku in sorted(after))
    return [LineChange(*pair) for pair in pairs if pair[1] != pair[2]]


def amendment_hash(
    base: str, lines: Iterable[LineChange], end: Mapping[str, Any] | None
) -> str:
    """A hash of a change and of what it changes: what an approval is bound to."""
    told = {"base": base, "lines": [one.spelled() for one in lines], "end": end}
    body = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def check_amends(
    lines: Sequence[LineChange], *, there: int, end: Mapping[str, Any] | None
) -> None:
    """Refuse an amendment of nothing, and one that leaves nothing.

    there: how many lines the sale has.

    Raises:
        NothingToAmend: it says what to do instead.
    """
    if not lines and end is None:
        raise NothingToAmend("Nothing changes. Change a price, a quantity or the end.")
    gone = sum(one.verb == "remove" for one in lines)
    new = sum(one.verb == "add" for one in lines)
    if there - gone + new < 1:
        raise NothingToAmend(
            "That takes out every product. End the sale instead, or leave one in."
        )


def check_countdown(
    before: datetime, after: datetime, *, opened: bool, accepted: bool
) -> None:
    """Refuse a later end of a sale that shoppers see counting down.

    accepted: somebody takes responsibility for the end that was shown. Source: UK CMA
    and ASA guidance on countdown clocks: an end that was advertised must be the end.

    Raises:
        CountdownPromised: tick that the shown end was not final.
    """
    if opened and after > before and not accepted:
        raise CountdownPromised(
            "Shoppers see a countdown to the old end. Tick that you accept that it "
            "will have been wrong, or keep the end.",
            field="countdown",
        )


def check_proposed(state: str) -> None:
    """Refuse to decide twice.

    Raises:
        AmendmentDecided: it is no longer proposed.
    """
    if state != AmendmentState.PROPOSED:
        raise AmendmentDecided(
            f"This amendment is {state} already. Reload to see what came of it."
        )
