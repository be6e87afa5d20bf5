"""What a pack is told about one line of a sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.prices.rules.claims import UpTo
from console.prices.rules.history import Point
from console.prices.rules.patterns import Run


@dataclass(frozen=True, slots=True)
class Facts:
    """One line, its history up to the opening, and what is said around it.

    sku: empty for the sale as a whole.
    on_market_since: None if it is older than its history.
    personal: set for one shopper. conditional: bought together or by quantity only, as
    3 for 2. members: of a loyalty programme, or holders of a code anybody can get.
    announced: shown as a reduction at all.
    countdown: an end is advertised. end_moved: it was moved after that.
    run, others: the sale itself and those after it, for offers that follow on.
    """

    sku: str
    sale: Decimal
    currency: str
    at: datetime
    zone: str
    history: Sequence[Point]
    on_market_since: datetime | None = None
    perishable: bool = False
    personal: bool = False
    conditional: bool = False
    members: bool = False
    announced: bool = True
    countdown: bool = False
    end_moved: bool = False
    up_to: UpTo | None = None
    run: Run | None = None
    others: Sequence[Run] = ()
