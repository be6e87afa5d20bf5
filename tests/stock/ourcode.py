"""Our own functions of the database, stopped where they race, or without a guard.

A race test stops the function between what it reads and what it writes until everybody
is there or waits for who is, so that the race is met each time, on a slow machine too;
its control does the same without the guard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

from django.db import connection, transaction

from config.env import ROOT
from tests.racing import in_parallel

T = TypeVar("T")

SQL = ROOT / "console/stock/sql"

LOCKED_SKUS = """PERFORM 1 FROM stock_allocation WHERE id = ANY (slot_id)
    ORDER BY id FOR NO KEY UPDATE;"""
"""In reserve.sql: one batch at a time decides about a SKU."""
LOCKED_BUYERS = """PERFORM pg_advisory_xact_lock(5703, hashtext(u.buyer))
        FROM unnest(b_key) AS u (buyer);"""
"""In reserve.sql: one batch at a time counts what a buyer has."""
LOCKED_GATES = """PERFORM pg_advisory_xact_lock_shared(5702, gate.id::int)
    FROM (SELECT id FROM stock_salegate WHERE campaign = ANY (p_campaign) ORDER BY id) gate;"""  # noqa: E501
"""In reserve.sql: whoever changes the state of a gate waits for the batch."""
FOUND_AGAIN = """SELECT array_agg(r.digest), array_agg(r.id), array_agg(r.body_hash),
           array_agg(r.expires_at)
    INTO seen, seen_id, seen_hash, seen_expires
    FROM unnest(p_buyer, p_digest) AS u (buyer, digest)
    CROSS JOIN LATERAL (
        SELECT o.digest, o.id, o.body_hash, o.expires_at FROM stock_reservation o
        WHERE o.buyer = u.buyer AND o.digest = u.digest LIMIT 1) r;"""
"""In reserve.sql: what was asked before is looked up."""
SKUS_READ = "stamp := lpad("
"""In reserve.sql: what comes next once the units that are left were read."""
BUYERS_READ = "FOR i IN 1..n LOOP\n        answer := NULL;"
"""In reserve.sql: what comes next once all was read."""

PAYING_BUYERS = """PERFORM pg_advisory_xact_lock(5703, u.lock)
        FROM (SELECT DISTINCT hashtext(campaign || chr(10) || buyer) AS lock
              FROM stock_reservation WHERE id = ANY (late) ORDER BY 1) u;"""
"""In settle.sql: one late payment at a time counts what a buyer has."""
BUYERS_COUNTED = "END IF;\n\n    RETURN QUERY"
"""In settle.sql: what comes next once late payments were counted."""

ONE_OFFERER = "\n    WHERE pg_try_advisory_xact_lock(5708, hashint8(x.id))"
"""In offers.sql: one at a time looks after a SKU."""
OFFERED_SKUS = (
    "PERFORM 1 FROM stock_allocation WHERE id = ANY (slots)"
    " ORDER BY id FOR NO KEY UPDATE;"
)
"""In offers.sql: nobody buys what is about to be offered."""
PICKED = "FOREACH pick IN ARRAY picks LOOP"
"""In offers.sql: what comes next once those who are to be offered units are known."""
THERE_READ = "SELECT g.holds_until, g.order_limit, CASE WHEN g.buyer_limit"
"""In offers.sql: what comes next once the units that are there were read."""


SOLD_NEXT = "INSERT INTO stock_sold AS kept ("
"""In settle.sql: what comes next once units were taken for those who pay late."""
MEETING = 5799
"""The advisory lock who races waits for."""
STOP = f"PERFORM pg_advisory_xact_lock_shared({MEETING});\n"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PATIENCE_S = 30


def race(
    count: int,
    act: Callable[[int], T],
    name: str,
    *,
    stop: str,
    without: Sequence[str] = (),
) -> list[T | Exception]:
    """What each of `count` threads got, as `in_parallel`, of functions of a SQL file.

    stop: nobody goes on to this text until each came to it, waits for another, or is
    done. without: guards the functions have not. Each text is in the file once.
    """
    done: list[int] = []

    def one(number: int) -> T:
        try:
            return act(number)
        finally:
            done.append(number)

    with ours(name, stop=stop, without=without), ThreadPoolExecutor(1) as pool:
        with _nobody_goes_on():
            got = pool.submit(in_parallel, count, one)
            until_waiting(count, done)
        return got.result()


@contextmanager
def ours(name: str, *, stop: str = "", without: Sequence[str] = ()) -> Iterator[None]:
    """Let the functions of a SQL file be others until the block ends."""
    text = (SQL / f"{name}.sql").read_text()
    changed = text
    for guard in without:
        changed = _once(changed, guard, "")
    if stop:
        changed = _once(changed, stop, STOP + stop)
    _define(changed)
    try:
        yield
    finally:
        _define(text)


def until_waiting(count: int, done: Sized = ()) -> None:
    """Return once so many wait for a lock, or are done."""
    ends = monotonic() + PATIENCE_S
    while len(done) + _waiting() < count:
        assert monotonic() < ends, f"{len(done)} are done and {_waiting()} wait."
        sleep(0.02)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        ((found,),) = cursor.fetchall()
    return int(found)


@contextmanager
def _nobody_goes_on() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEETING])
        yield


def _once(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the file."
    return text.replace(old, new)


def _define(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
