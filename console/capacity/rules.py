"""From demand to instances, connections, minutes: the arithmetic of readiness.

docs/capacity.md explains every formula and default.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from console.errors import Refusal

Number = int | float | Decimal | Fraction

RHO = 0.70
HEADROOM = 1.5
SPARE = 2
FIRST_MINUTE_SHARE = 0.15
"""Share of a long sale's orders that its first minute brings."""
DECAY_S = -60 / math.log(1 - FIRST_MINUTE_SHARE)
"""How fast demand falls off then: after so many seconds it is 1/e of the first."""
REQUESTS_PER_VISITOR_MINUTE = 12.0
WAITING_ROOM_SHARE = 0.75
GATE_MARGIN = timedelta(minutes=5)
FLOOR_BEFORE = timedelta(minutes=90)
WARM_BEFORE = timedelta(minutes=45)
COOL_OFF = timedelta(minutes=30)
SPECIAL_TIMES = 10


class TooManyConnections(Refusal):
    """A service could open more database connections than the server accepts."""

    code = "too_many_connections"


class FloorAboveMaximum(Refusal):
    """A service needs more instances than its group may have."""

    code = "floor_above_maximum"


def _exact(number: Number) -> Fraction:
    """0.1 as one tenth, not as the float nearest to it: ceil() must not see noise."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


@dataclass(frozen=True)
class Demand:
    """What a sale is expected to bring.

    visitors: people during the whole sale. first_minute_share: of them in minute one.
    orders_per_s: orders at the peak, where it is known; for the figure only.
    """

    visitors: int
    first_minute_share: float = FIRST_MINUTE_SHARE
    requests_per_visitor_minute: float = REQUESTS_PER_VISITOR_MINUTE
    orders_per_s: float | None = None

    @property
    def peak_rps(self) -> float:
        """Requests a second in the first minute."""
        return peak_rps(
            self.visitors, self.first_minute_share, self.requests_per_visitor_minute
        )

    @classmethod
    def from_orders(cls, per_minute: Number, *, conversion: Number = 0.03) -> Demand:
        """The demand behind a peak of orders a minute.

        conversion: orders for each visitor of that minute.
        """
        in_minute = _exact(per_minute) / _exact(conversion)
        visitors = math.ceil(in_minute / _exact(FIRST_MINUTE_SHARE))
        return cls(visitors, orders_per_s=float(_exact(per_minute) / 60))


def peak_rps(visitors: Number, share: Number, per_visitor_minute: Number) -> float:
    """Requests a second when a share of the visitors comes in one minute."""
    return float(_exact(visitors) * _exact(share) * _exact(per_visitor_minute) / 60)


def in_flight(rps: Number, seconds: Number) -> float:
    """Requests under way at once. Source: Little's law, L = λW."""
    return float(_exact(rps) * _exact(seconds))


def instances(
    rps: Number,
    rps_per_instance: Number,
    *,
    rho: Number = RHO,
    headroom: Number = HEADROOM,
    spare: int = SPARE,
) -> int:
    """Machines for a peak.

    rps_per_instance: from a load test at the latency promised. rho: share of it used.
    headroom: 1.5 drills at 150% of the forecast. spare: N+2.
    """
    usable = _exact(rps_per_instance) * _exact(rho)
    return math.ceil(_exact(rps) * _exact(headroom) / usable) + spare


def connections(pool: int, workers: int, replicas: int) -> int:
    """Database connections a service opens when every replica fills its pools."""
    return pool * workers * replicas


def check_connections(service: str, wanted: int, *, limit: int, reserve: int) -> None:
    """Refuse a plan whose replicas could lock each other out of the database.

    Raises:
        TooManyConnections: the service, what it could open, what there is.
    """
    if wanted > limit - reserve:
        raise TooManyConnections(
            f"{service} could open {wanted:,} database connections; "
            f"{limit - reserve:,} are free for it. Use a smaller pool, fewer workers, "
            "or a pooler."
        )


def check_maximum(service: str, needed: int, maximum: int) -> None:
    """Refuse a floor that the group cannot reach.

    Raises:
        FloorAboveMaximum: what is needed, what is allowed.
    """
    if needed > maximum:
        raise FloorAboveMaximum(
            f"{service} needs {needed} instances and may have {maximum}. "
            "Raise the maximum of its group, or lower the forecast."
        )


@dataclass(frozen=True)
class WaitingRoom:
    """How many shop at once, and how many are let in a minute."""

    active: int
    per_minute: int

    def minutes_for(self, people: int) -> float:
        """Minutes until the last of these people is let in."""
        return people / self.per_minute


def waiting_room(capacity: int, session_minutes: Number) -> WaitingRoom:
    """Let in three quarters of what the shop carries. Source: Cloudflare's advice."""
    active = math.floor(_exact(WAITING_ROOM_SHARE) * capacity)
    return WaitingRoom(active, math.floor(active / _exact(session_minutes)))


@dataclass(frozen=True)
class Bucket:
    """A token bucket of a provider: calls a second, and how many at once."""

    per_s: Number
    burst: int = 0

    def seconds_for(self, calls: int) -> float:
        """Seconds until the last of these calls may be made."""
        waiting = max(0, calls - self.burst)
        return float(waiting / _exact(self.per_s))


# developers.cloudflare.com/cache/how-to/purge-cache, read 2026-11: by tag or prefix,
# 100 a request.
CLOUDFLARE_PURGE = {
    "free": Bucket(Fraction(5, 60), 25),
    "pro": Bucket(5, 25),
    "business": Bucket(10, 50),
    "enterprise": Bucket(50, 500),
}
PURGE_PER_CALL = 100


def calls(things: int, per_call: int) -> int:
    """Calls needed for so many things."""
    return -(-things // per_call)


def purge_s(things: int, bucket: Bucket, *, per_call: int = PURGE_PER_CALL) -> float:
    """Seconds to purge so many objects inside the account's limits."""
    return bucket.seconds_for(calls(things, per_call))


def latest_safe_start(
    opens_at: datetime,
    *,
    lead_s: float,
    successors_s: float = 0.0,
    margin: timedelta = GATE_MARGIN,
) -> datetime:
    """The last instant at which a step may start and still be ready.

    lead_s: how long it takes, p95. successors_s: sum of what comes after it.
    """
    return opens_at - margin - timedelta(seconds=lead_s + successors_s)


def cool_off(length: timedelta) -> timedelta:
    """How long floors stay up after a sale: a quarter of it, at most 30 minutes."""
    return min(COOL_OFF, length / 4)


MEASURED_FROM = 3
MEASURED_SHARE = 0.95


def lead_s(assumed: float, measured: Sequence[float]) -> float:
    """The lead time to plan with: what was assumed, or p95 of what was seen if longer.

    measured: seconds of past raises; fewer than three say nothing yet.
    """
    if len(measured) < MEASURED_FROM:
        return assumed
    ordered = sorted(measured)
    place = math.ceil(MEASURED_SHARE * len(ordered)) - 1
    return max(assumed, ordered[place])


def needs_special_prep(units: int, usual_a_day: Number, *, hours: Number) -> bool:
    """True above ten times the usual daily sales within two hours.

    Source: Shopify help, flash sales.
    """
    return hours <= 2 and units > SPECIAL_TIMES * usual_a_day


def arrivals_per_s(peak: float, *, after_s: float, length_s: float) -> float:
    """The forecast curve of a flash sale: up in seconds, then a long fall.

    after_s: seconds from the opening; before it and after the end, a trickle.
    """
    if after_s < 0:
        return peak * 0.025
    if after_s > length_s:
        return peak * 0.015
    fall = math.exp(-after_s / max(length_s / 23, 1))
    return peak * (0.025 + 0.975 * fall)
