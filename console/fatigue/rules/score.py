"""How tired an audience is: each sale adds a load, and loads decay.

docs/fatigue.md explains the score. Instants inside are whole microseconds since
1970.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2400, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
EPSILON = 1e-9

Number = int | float | Decimal


class Channel(StrEnum):
    """How people are told of a sale; push stands for SMS too."""

    EMAIL = "email"
    PUSH = "push"


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One announcement: everybody of the audience gets it at about that instant."""

    at: datetime
    channel: Channel


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale as an audience meets it, from opens_at up to, not including, closes_at.

    depth: the discount, 0 to 1. reach: the share of the scope touched, 0 to 1.
    occasion: what justifies it. messages: when people are told, by which channel.
    strain: how much its load weighs, as its audience answers; strained: why, if not 1.
    """

    code: str
    name: str
    opens_at: datetime
    closes_at: datetime
    depth: Number
    reach: Number = 1
    occasion: str = ""
    messages: tuple[Message, ...] = ()
    strain: float = 1
    strained: str = ""


def micro(at: datetime) -> int:
    """An aware instant as whole microseconds."""
    return (at - EPOCH) // TICK


def instant(at: int) -> datetime:
    """Whole microseconds as an instant in UTC."""
    return EPOCH + timedelta(microseconds=at)


def load(depth: Number, hours: float, reach: Number = 1) -> float:
    """The points a sale adds: 40 for 30% off during 24 hours to everybody.

    Length counts by its square root, and at most double.
    """
    stretch = min(2.0, math.sqrt(hours / 24)) if hours > 0 else 0.0
    return 40 * (float(depth) / 0.30) * stretch * float(reach)


def load_of(sale: Sale) -> float:
    """The points of this sale."""
    span = sale.closes_at - sale.opens_at
    return load(
        sale.depth, span.total_seconds() / 3600, float(sale.reach) * sale.strain
    )
