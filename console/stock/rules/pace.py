"""How fast units go: when a SKU sells out, and what holds keep from being sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, sqrt

TENTH = 1.2815515655446004
"""The normal quantile of 90 percent: 80 percent lie between its two sides."""
FEW = 3
"""Below so many sales a middle would only pretend to know."""
LOW_SHARE = 0.1
SPAN = timedelta(minutes=5)
LAST_UNITS = 30
"""What is going on now is told by the last five minutes, or by so many units if they
went sooner."""


@dataclass(frozen=True)
class Eta:
    """Minutes until sold out: the middle, and the ends of an 80 percent interval.

    middle is None when too little was sold to say; latest may be infinite.
    """

    earliest: float
    middle: float | None
    latest: float


def sellout(left: int, *, sold: int, minutes: float) -> Eta:
    """When the rest is gone, from what was sold in the last minutes.

    Exact Poisson limits after Garwood, their gamma quantiles by Wilson and Hilferty.
    Covers 82 to 92 percent in simulation (docs/stock.md).
    """
    amount = left * minutes
    slowest = _gamma(sold, -TENTH)
    return Eta(
        earliest=amount / _gamma(sold + 1, TENTH),
        middle=amount / sold if sold >= FEW else None,
        latest=amount / slowest if slowest > 0 else inf,
    )


def _gamma(shape: int, z: float) -> float:
    """The quantile of a Gamma(shape, 1) at the normal quantile z."""
    if shape == 0:
        return 0.0
    cube = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return shape * max(0.0, cube) ** 3


@dataclass(frozen=True)
class Pace:
    """Units that went in the last minutes."""

    units: int
    minutes: float

    @property
    def per_minute(self) -> float:
        """Units a minute."""
        return self.units / self.minutes if self.minutes else 0.0

    def sellout(self, left: int) -> Eta:
        """When the rest is gone, if it goes on like this."""
        return sellout(left, sold=self.units, minutes=self.minutes)


def recent(
    buckets: Sequence[tuple[datetime, int]], *, since: datetime, now: datetime
) -> Pace:
    """The pace of the whole span since then, or of the last units if they went sooner.

    buckets: where each begins, and units in it; any order, empty ones left out.
    """
    went = 0
    for at, units in sorted(buckets, reverse=True):
        went += units
        if went >= LAST_UNITS:
            return Pace(went, _minutes(now - max(at, since)))
    return Pace(went, _minutes(now - since))


def _minutes(span: timedelta) -> float:
    return max(span.total_seconds(), 1.0) / 60


def limbo(holds_per_minute: float, *, abandoned: float, ttl_minutes: float) -> float:
    """Units that holds nobody will pay keep from being sold, on average (Little)."""
    return holds_per_minute * abandoned * ttl_minutes


def steady(units: int, *, ttl_s: float) -> float:
    """Most holds a second so that the first expire before the last unit is held."""
    return units / ttl_s


def is_low(left: int, *, sellable: int) -> bool:
    """True for the last tenth of what could be sold, but not for none."""
    return 0 < left <= max(1, sellable * LOW_SHARE)
