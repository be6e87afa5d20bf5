"""Sending: claim what may go now, deliver it at the destination's pace, note the end.

One round serves one destination. Only one runs at a time (a lease on its row), and the
instant of the next call is kept in that row, so that the rate holds across processes
and deaths. A call is never made with a transaction open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

import structlog

from console.errors import OutsideFailure, Refusal
from console.orders import claims
from console.orders.claims import Outcome, Parcel, Round
from console.orders.pace import Pace
from console.orders.rules import CONCURRENCY
from console.providers.operations import open_port
from console.providers.ports import Relay

log = structlog.get_logger(__name__)


def run_round(destination_id: int, *, seconds: float, now: datetime) -> bool:
    """Send what fits into one round; True if more could go at once.

    seconds: how long a round is, at most, at the destination's rate.
    """
    round_ = claims.begin(destination_id, seconds=seconds, now=now)
    if round_ is None:
        return False
    pace = Pace(
        round_.interval_s,
        limit=round_.limit,
        first_in_s=round_.first_in_s,
        recent_s=round_.recent_s,
        until_s=round_.most_s,
    )
    try:
        _send_all(round_, pace, now)
    finally:
        at = now + timedelta(seconds=pace.spent_s())
        free_at = at + timedelta(seconds=pace.free_in_s())
        recent = pace.recent_s()
        more = claims.finish(round_, free_at=free_at, recent_s=recent, now=at)
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
            waiting.add(pool.submit(_timed, port, parcel, pace))
            ended, waiting = wait(waiting, timeout=0)
            if ended:
                yield [future.result() for future in ended]
                if _is_out(ended):
                    break
        ended, _ = wait(waiting)
        yield [future.result() for future in ended]


def _is_out(ended: set[Future[Outcome]]) -> bool:
    return any(future.result().outage for future in ended)


def _timed(port: Relay, parcel: Parcel, pace: Pace) -> Outcome:
    try:
        return _deliver(port, parcel)
    finally:
        pace.ended()


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
