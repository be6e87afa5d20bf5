"""Sending: claim what may go now, deliver it at the destination's pace, note the end.

One round serves one destination. Only one runs at a time (a lease on its row), and the
instant of the next call is kept in that row, so that the rate holds across processes
and deaths. A call is never made with a transaction open.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from console.errors import OutsideFailure, Refusal
from console.orders import claims
from console.orders.claims import Outcome, Parcel, Round
from console.orders.rules import CONCURRENCY
from console.providers.operations import open_port
from console.providers.ports import Relay

log = structlog.get_logger(__name__)


@dataclass
class Pace:
    """At most one call an interval. Monotonic, so a changed clock cannot rush it.

    first_in_s: seconds until the first call. until_s: no call begins after this many.
    """

    interval_s: float
    first_in_s: float
    until_s: float

    def __post_init__(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self._next = self._began + max(0.0, self.first_in_s)

    def turn(self) -> bool:
        """Wait for the next turn; False if it would come too late."""
        if max(self._next, time.monotonic()) > self._began + self.until_s:
            return False
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self.interval_s
        return True

    def free_in_s(self) -> float:
        """Seconds until another call may be made."""
        return self._next - time.monotonic()

    def spent_s(self) -> float:
        """Seconds since the round began."""
        return time.monotonic() - self._began


def run_round(destination_id: int, *, seconds: float, now: datetime) -> bool:
    """Send what fits into one round; True if more could go at once.

    seconds: how long a round is, at most, at the destination's rate.
    """
    round_ = claims.begin(destination_id, seconds=seconds, now=now)
    if round_ is None:
        return False
    pace = Pace(round_.interval_s, round_.first_in_s, round_.most_s)
    try:
        _send_all(round_, pace, now)
    finally:
        at = now + timedelta(seconds=pace.spent_s())
        free_at = at + timedelta(seconds=pace.free_in_s())
        more = claims.finish(round_, free_at=free_at, now=at)
    return more


def _send_all(round_: Round, pace: Pace, now: datetime) -> None:
    try:
        port = open_port(Relay, round_.connection)
    except Refusal as refused:
        told = OutsideFailure(refused.message, transient=True, kind="auth")
        claims.settle(round_, [Outcome(round_.parcels[0], told)], now=now)
        return
    for outcomes in _outcomes(port, round_, pace):
        at = now + timedelta(seconds=pace.spent_s())
        claims.settle(round_, outcomes, now=at)


def _outcomes(port: Relay, round_: Round, pace: Pace) -> Iterator[list[Outcome]]:
    """Call for each parcel in its turn; what ended so far, whenever some did.

    Stops calling at the first failure that is the destination's own.
    """
    waiting: set[Future[Outcome]] = set()
    ended: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for parcel in round_.parcels:
            if len(waiting) >= CONCURRENCY:
                ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            if _is_out(ended) or not pace.turn():
                break
            waiting.add(pool.submit(_deliver, port, parcel))
            ended, waiting = wait(waiting, timeout=0)
            if ended:
                yield [future.result() for future in ended]
                if _is_out(ended):
                    break
        ended, _ = wait(waiting)
        yield [future.result() for future in ended]


def _is_out(ended: set[Future[Outcome]]) -> bool:
    return any(future.result().outage for future in ended)


def _deliver(port: Relay, parcel: Parcel) -> Outcome:
    try:
        port.deliver(_plain(parcel.body), key=parcel.key)
    except OutsideFailure as failure:
        return Outcome(parcel, failure)
    except Exception as error:  # a fault of a driver must not stop the others
        log.exception("driver failed", key=parcel.key)
        told = f"A fault in the driver: {type(error).__name__}: {error}"
        return Outcome(parcel, OutsideFailure(told, transient=False, kind="bug"))
    return Outcome(parcel)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return dict(body)
