"""The arithmetic of a report: shares, half time, forecast, waiting orders, the seal."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console.capacity.rules import DECAY_S, FIRST_MINUTE_SHARE
from console.errors import Refusal

MOST_POINTS = 240
PER_MINUTE_FROM_S = 600
"""Sales at least so long are drawn in orders a minute; shorter ones a second."""
FEW_ORDERS = 20
"""Below so many, shares of a minute and a comparison with the forecast say nothing."""


class NotFrozen(Refusal):
    """The report of a sale that is not closed cannot be frozen."""

    code = "report_not_closed"


def share(part: float | Decimal, whole: float | Decimal) -> float | None:
    """Part of a whole as a ratio; None where there is no whole."""
    return float(part) / float(whole) if whole else None


def over(seen: float | Decimal, wanted: float | Decimal | None) -> float | None:
    """How far above what was wanted: 0.085 is 8.5% over; None where nothing was."""
    return float(seen) / float(wanted) - 1 if wanted else None


def median_place(count: int) -> int | None:
    """The place, from 0, of the order with which half of them were in."""
    return (count - 1) // 2 if count > 0 else None


def expected(peak_per_minute: float, since_s: float, until_s: float) -> float:
    """Orders expected between two ages of a sale.

    Falls off exponentially from `peak_per_minute` in the first minute.
    """
    first = peak_per_minute / FIRST_MINUTE_SHARE
    start, end = max(0.0, since_s), max(0.0, until_s)
    return first * (math.exp(-start / DECAY_S) - math.exp(-end / DECAY_S))


def width_s(length_s: float) -> int:
    """Seconds of a bucket of the curve: a round number, at most 240 of them."""
    widths = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800)
    for width in widths:
        if length_s / width <= MOST_POINTS:
            return width
    return 3600 * math.ceil(length_s / (3600 * MOST_POINTS))


def waiting(accepted: Sequence[int], sent: Sequence[int]) -> list[int]:
    """Orders on their way out at the end of each bucket."""
    found, level = [], 0
    for came, went in zip(accepted, sent, strict=True):
        level += came - went
        found.append(level)
    return found


@dataclass(frozen=True)
class Verdict:
    """A result in one sentence, as pieces: text, and what is set in bold."""

    pieces: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """The sentence."""
        return "".join(text + bold for text, bold in self.pieces)


def verdict(
    *,
    revenue: Decimal,
    target: Decimal | None,
    sold: int,
    sellable: int,
    oversold: int,
    over_yet: bool,
) -> Verdict:
    """What came of it: the target, the stock, and whether anything was oversold."""
    tail = _units(oversold, over_yet)
    if not sold and not revenue:
        return Verdict((("Nothing was sold" if over_yet else "Nothing is sold yet", ""),
                        (". " + tail, "")))  # fmt: skip
    part = _percent(share(sold, sellable) or 0.0)
    verb = "sold" if over_yet else "has sold"
    head: tuple[tuple[str, str], ...] = ((verb.capitalize() + " ", part),)
    if target:
        head = (_target(revenue, target, over_yet), (f" and {verb} ", part))
    return Verdict((*head, (f" of the stock. {tail}", "")))


def _target(revenue: Decimal, target: Decimal, over_yet: bool) -> tuple[str, str]:
    gap = over(revenue, target) or 0.0
    if gap >= 0:
        return ("Beat its target by " if over_yet else "Is over its target by ",
                _percent(gap))  # fmt: skip
    if over_yet:
        return "Missed its target by ", _percent(-gap)
    return "Has taken ", f"{_percent(gap + 1)} of its target"


def _units(oversold: int, over_yet: bool) -> str:
    if oversold:
        return f"{oversold:,} units were oversold."
    return "Nothing was oversold." if over_yet else "Nothing is oversold."


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.1f}%"


@dataclass(frozen=True)
class Balance:
    """Where the units of a sale went, by the ledger alone.

    locked = sold + unsold + buffer + reserved + left. unsold and buffer went back;
    reserved and left are still with the sale. Units that may be sold before they are
    there count as locked while the sale has them, and then if they were sold.
    """

    locked: int
    sold: int
    unsold: int
    buffer: int
    reserved: int
    left: int

    @property
    def balanced(self) -> bool:
        """True if no unit is unaccounted for."""
        parts = (self.sold, self.unsold, self.buffer, self.reserved, self.left)
        return self.locked == sum(parts)


Move = tuple[str, str, bool, int]
"""From account, to account, whether it is part of the return, units."""


def balance(moves: Iterable[Move]) -> Balance:
    """Add up the ledger of a sale."""
    held: dict[str, int] = dict.fromkeys(("pool", "buffer", "reserved", "sold"), 0)
    locked = unsold = buffer = committed = 0
    for source, target, returned, units in moves:
        held[source] = held.get(source, 0) - units
        held[target] = held.get(target, 0) + units
        if returned and (source, target) == ("pool", "free"):
            unsold += units
        elif returned and (source, target) == ("buffer", "pool"):
            buffer += units
        elif {source, target} == {"free", "pool"}:
            locked += units if source == "free" else -units
        elif {source, target} == {"promised", "pool"}:
            locked += units if source == "promised" else -units
        if source == "sold" and target in ("committed", "owed"):
            committed += units
    buffer = min(buffer, unsold)
    return Balance(
        locked=locked,
        sold=held["sold"] + committed,
        unsold=unsold - buffer,
        buffer=buffer,
        reserved=held["reserved"],
        left=held["pool"] + held["buffer"],
    )


def seal(data: Mapping[str, Any]) -> str:
    """SHA-256 of the content, spelled the same way whatever order its keys come in."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
