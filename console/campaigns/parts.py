"""What a plan is made of: a sale as planning sees it, and the parts it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from console.capacity.operations import PlannedStep


@dataclass(frozen=True)
class Storefront:
    """A connected shop, the channel its prices belong to, and when they hold."""

    connection: str
    channel: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Sale:
    """What a plan is made of.

    round: grows with each approval, so that a plan made anew has keys of its own.
    prices: SKU code to sale price. storefronts: the shops that take them, each with
    the window in which it shows them.
    capacity: floors, warm-ups and purges, named as capacity names them.
    offer: `personal` or `conditional` where the prices are outside of the 30-day rule;
    blank where they are for everybody.
    """

    code: str
    round: int
    opens_at: datetime
    closes_at: datetime
    prices: Mapping[str, Decimal]
    currency: str
    storefronts: Sequence[Storefront]
    capacity: Sequence[PlannedStep]
    cool_off: timedelta
    offer: str = ""


@dataclass(frozen=True)
class Part:
    """One step of a plan; names in `after` and `reverts` are those of its parts."""

    name: str
    kind: str
    title: str
    phase: str
    due_at: datetime
    t_offset_s: int
    target: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    policy: str = "blocker"


def key(code: str, round: int, name: str) -> str:
    """The key of a step: `campaign:FS-0041/1/open`."""
    return f"campaign:{code}/{round}/{name}"
