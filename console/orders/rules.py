"""States of an order on its way out, how long a backlog lasts, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.errors import Refusal

HEADROOM = 0.8
"""How much of a destination's limit we use. Source: docs/orders.md, drain."""

MOST_TRIES = 8
CONCURRENCY = 8
MOST_PER_ROUND = 400
ROUND_LEASE_S = 45
NOT_CALLED = "paused"
"""The kind of failure of a call that was not made: the breaker is open."""

OUTAGE_KINDS = frozenset(
    {"unreachable", "rate_limited", "in_progress", "auth", "quota", NOT_CALLED}
)
"""Failures of the destination rather than of the order it was given."""


class Outgoing(StrEnum):
    """Where an order is on its way to one destination."""

    QUEUED = "queued"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"


WAITING = frozenset({Outgoing.QUEUED, Outgoing.LEASED})


class Issue(StrEnum):
    """What is odd about an accepted order; a paid order is never refused for it."""

    NONE = ""
    NO_RESERVATION = "no_reservation"
    UNKNOWN_RESERVATION = "unknown_reservation"
    OTHER_ORDER = "confirmed_for_another_order"
    SHORTFALL = "shortfall"

    @property
    def label(self) -> str:
        """The words on the page."""
        return ISSUES[self]


ISSUES = {
    Issue.NONE: "",
    Issue.NO_RESERVATION: "No reservation",
    Issue.UNKNOWN_RESERVATION: "Unknown reservation",
    Issue.OTHER_ORDER: "Reservation of another order",
    Issue.SHORTFALL: "Shortfall",
}


class BodyTooLarge(Refusal):
    """The body is larger than an order can be."""

    code = "body_too_large"
    status = 413


class BadOrder(Refusal):
    """The event cannot be read as an order; `field` says where."""

    code = "bad_order"
    status = 422


class UnknownOrder(Refusal):
    """Nobody told us that it was paid; or not yet."""

    code = "unknown_order"


class BadRate(Refusal):
    """The rate is not one we may send at."""

    code = "bad_rate"
    status = 422


class NothingDead(Refusal):
    """There are no dead letters to replay."""

    code = "nothing_dead"


@dataclass(frozen=True)
class Drain:
    """How long until a backlog is gone. seconds: None if it never is, as things are."""

    seconds: float | None

    @property
    def never(self) -> bool:
        """True if the backlog does not shrink."""
        return self.seconds is None


def drain(backlog: int, *, rate: float, inflow: float) -> Drain:
    """How long a backlog lasts; never when as much flows in as out.

    rate, inflow: orders per second.
    """
    if backlog <= 0:
        return Drain(0.0)
    if rate <= inflow:
        return Drain(None)
    return Drain(backlog / (rate - inflow))


def given_up(tries: int, *, transient: bool, outage: bool, others_went: bool) -> bool:
    """True if an order is to be tried no more on its own.

    An outage is nobody's fault: while the destination takes nothing at all, an order
    keeps its place however often it was tried.

    tries: failed ones, this one included. others_went: the destination took another
    order since this one first failed.
    """
    if outage:
        return tries >= MOST_TRIES and others_went
    return not transient or tries >= MOST_TRIES


def per_round(rate: float, seconds: float) -> int:
    """How many orders fit into one round at this rate; one at least."""
    return max(1, min(MOST_PER_ROUND, round(rate * seconds)))


def check_rate(rate: float, limit: float) -> None:
    """Refuse a rate of nothing, or above what the destination allows.

    Raises:
        BadRate: says what is allowed.
    """
    if not 0 < rate <= limit:
        raise BadRate(
            f"Choose a rate above 0 and at most {limit:g} per second, "
            "which is what the destination allows. Pause it to send nothing.",
            field="rate_per_s",
        )
