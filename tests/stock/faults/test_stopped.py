"""A database whose sessions stand still: no answer, and no broken connection either."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event

import psycopg
import pytest

from console.stock import batch, links, tokens
from tests.stock.faults.salekit import Sale
from tests.stock.faults.telling import Record, tell
from tests.stock.faults.test_gate_faults import check_books
from tests.stock.faults.wire import AGAIN, Answer, Wire, insist
from tests.stock.gatekit import GateProcess

pytestmark = pytest.mark.faults
CLIENTS = batch.MOST_WAITING + 2 * batch.MOST_TOGETHER
UNITS = 100_000
SKU = {"SKU-1": 1}
AT_ONCE_S = 4.0
"""Generous: thousands ask within one moment, from the machine of the gate."""
GRACE_S = 3.0
BUSY = ["--backlog", "4096", "--backpressure", "4000"]
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'doorbuster gate'"


@pytest.fixture
def gate(sale: Sale) -> Iterator[GateProcess]:
    """A gate that lets thousands in, as production's does."""
    sale.seed(UNITS)
    process = GateProcess(sale.server.url, words=BUSY)
    try:
        process.start()
        sale.url = process.url
        yield process
    finally:
        process.end()


@contextmanager
def stopped(sale: Sale) -> Iterator[None]:
    """Every session of the gate stands still, also one that it opens meanwhile."""
    stood: set[int] = set()
    over, all_stand = Event(), Event()

    def stop_all() -> None:
        with psycopg.connect(sale.server.url, autocommit=True) as db:
            while not over.is_set():
                for (pid,) in db.execute(SESSIONS).fetchall():
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGSTOP)
                        stood.add(pid)
                all_stand.set()
                time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(stop_all)
        try:
            assert all_stand.wait(30)
            yield
        finally:
            over.set()
            stopping.result()
            for pid in stood:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


async def timed(wire: Wire, number: int) -> tuple[float, Answer]:
    """One request of a buyer of their own: how long it took, and its answer."""
    started = time.monotonic()
    answer = await wire.reserve(f"k{number}", SKU)
    return time.monotonic() - started, answer


def slowest(answers: list[tuple[float, Answer]], status: int) -> float:
    """The longest that an answer of this status took."""
    return max(took for took, answer in answers if answer.status == status)


async def crowd(sale: Sale, record_property: Record) -> None:
    """Thousands ask while all stands still, and again until they have their unit."""
    wires = [Wire(sale.url, sale.token) for _ in range(CLIENTS)]
    for some in range(0, CLIENTS, 250):
        await asyncio.gather(*(wire.dial() for wire in wires[some : some + 250]))
    other = Wire(sale.url, sale.token)
    sale.told["other"] = (await insist(other, "other", SKU)).told()["id"]
    await asyncio.sleep(tokens.FRESH_S + tokens.PATIENCE_S)
    with stopped(sale):
        first = await asyncio.gather(*map(timed, wires, range(CLIENTS)))
    check_first(first, record_property)
    got = await asyncio.gather(
        *(insist(wire, f"k{n}", SKU) for n, wire in enumerate(wires))
    )
    sale.told |= {f"k{n}": answer.told()["id"] for n, answer in enumerate(got)}
    for wire in (other, *wires):
        wire.close()
    await asyncio.sleep(1)


def check_first(first: list[tuple[float, Answer]], record_property: Record) -> None:
    """Who has no place is told at once; who has one is told when patience ends."""
    statuses = [answer.status for _, answer in first]
    figures = {
        "clients": CLIENTS,
        "told to come again": statuses.count(429),
        "away": statuses.count(503),
        "slowest 429 s": round(slowest(first, 429), 2),
        "slowest 503 s": round(slowest(first, 503), 2),
    }
    tell(figures, record_property)
    assert set(statuses) == set(AGAIN)
    assert all(answer.headers["retry-after"] == "1" for _, answer in first)
    assert slowest(first, 429) < AT_ONCE_S
    assert slowest(first, 503) < tokens.SLOW_S + links.PATIENCE_S + GRACE_S


@pytest.mark.timeout(300)
def test_sessions_that_stand_still_cost_nobody_more_than_the_patience(
    sale: Sale, gate: GateProcess, record_property: Record
) -> None:
    """The keys are stale by then, and still nobody queues before the queue."""
    asyncio.run(crowd(sale, record_property))
    assert gate.child and gate.child.poll() is None
    check_books(sale, UNITS, 1)


@pytest.mark.timeout(300)
def test_an_unknown_key_is_told_that_nobody_answers(
    sale: Sale, gate: GateProcess
) -> None:
    async def ask() -> None:
        known, stranger = Wire(sale.url, sale.token), Wire(sale.url, "db_nobody")
        await insist(known, "first", SKU)
        await asyncio.sleep(tokens.PATIENCE_S)
        with stopped(sale):
            took, answer = await timed(stranger, 1)
            assert answer.status == 503
            assert took < links.PATIENCE_S + GRACE_S
        while (answer := await stranger.reserve("k1", SKU)).status == 503:
            await asyncio.sleep(0.1)
        assert answer.status == 401
        for wire in (known, stranger):
            wire.close()
        await asyncio.sleep(0.1)

    asyncio.run(ask())
