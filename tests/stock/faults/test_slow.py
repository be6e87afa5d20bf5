"""A database that stops for a second, again and again, while thousands wait."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psycopg
import pytest

from console.stock import batch, queries
from console.stock.models import Allocation
from tests import make
from tests.stock.conftest import Door
from tests.stock.faults import books
from tests.stock.faults.telling import Record, tell
from tests.stock.faults.wire import AGAIN, Answer, Wire
from tests.stock.gatekit import GateProcess, database_of_tests
from tests.stock.longer import short_and_long

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
CLIENTS = batch.MOST_WAITING + 2 * batch.MOST_TOGETHER
PULSE_S = 1.0
ALONE = 200
MOST_GROWN_MB = 150
BUSY = ["--backlog", "4096", "--backpressure", "4000"]
"""As docs/deploy.md has it; by default the server itself lets fewer in."""


@pytest.fixture
def gate(door: Door) -> Iterator[tuple[GateProcess, Door]]:
    """A gate that lets thousands in, as production's does."""
    process = GateProcess(database_of_tests(), words=BUSY)
    try:
        process.start()
        yield process, Door(process.url, door.token)
    finally:
        process.end()


@dataclass
class Told:
    """What thousands of clients were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    slowest_s: float = 0.0
    busy: Event = field(default_factory=Event)


async def crowd(door: Door, code: str, told: Told, paused: Event) -> None:
    """All dial, then ask together once the database stands, until they have a unit."""
    wires = [Wire(door.url, door.token) for _ in range(CLIENTS)]
    for some in range(0, CLIENTS, 250):
        await asyncio.gather(*(wire.dial() for wire in wires[some : some + 250]))
    await asyncio.to_thread(paused.wait)

    async def client(number: int) -> None:
        while (await ask(wires[number], f"k{number}", code, told)).status in AGAIN:
            await asyncio.sleep(1)
        wires[number].close()

    await asyncio.gather(*map(client, range(CLIENTS)))


async def ask(wire: Wire, key: str, code: str, told: Told) -> Answer:
    """Ask once and write down what came and how long it took."""
    started = time.monotonic()
    answer = await wire.reserve(key, {code: 1})
    told.slowest_s = max(told.slowest_s, time.monotonic() - started)
    told.statuses[answer.status] += 1
    if answer.status == 201:
        told.ids.add(answer.told()["id"])
    elif answer.status in AGAIN:
        assert answer.headers["retry-after"] == "1"
        told.busy.set()
    return answer


def pause(pulses: int, paused: Event, busy: Event) -> None:
    """Nothing commits for a second, again and again; first until one is told."""
    with psycopg.connect(database_of_tests()) as holder:
        for _ in range(pulses):
            holder.execute("LOCK TABLE stock_allocation IN ACCESS EXCLUSIVE MODE")
            paused.set()
            time.sleep(PULSE_S)
            assert busy.wait(60)
            holder.rollback()


def memory_mb(group: int) -> float:
    """Resident memory of a group of processes."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        pages += int(after_name[21]) if int(after_name[2]) == group else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def weighed(group: int) -> Iterator[list[float]]:
    """The memory of a group, ten times a second."""
    found, over = [memory_mb(group)], Event()

    def look() -> None:
        while not over.wait(0.1):
            found.append(memory_mb(group))

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield found
        finally:
            over.set()
            looking.result()


async def one_after_the_other(door: Door, code: str, told: Told, name: str) -> float:
    """The median seconds of an answer, when nobody else asks."""
    wire, took = Wire(door.url, door.token), []
    for number in range(ALONE):
        started = time.monotonic()
        assert (await ask(wire, f"{name}{number}", code, told)).status == 201
        took.append(time.monotonic() - started)
    wire.close()
    return sorted(took)[ALONE // 2]


@pytest.mark.timeout(300)
@short_and_long("pulses", 5, 60)
def test_a_database_that_stops_again_and_again_costs_nobody_their_answer(
    pulses: int, gate: tuple[GateProcess, Door], record_property: Record
) -> None:
    """What does not fit into the queue is told at once; the rest waits for its turn."""
    process, door = gate
    assert process.child
    one, told = make.allocation(quantity=100_000), Told()
    make.gate()
    alone, paused = Told(), Event()
    before = asyncio.run(one_after_the_other(door, one.sku.code, alone, "before"))
    with weighed(process.child.pid) as weights, ThreadPoolExecutor(1) as pool:
        pausing = pool.submit(pause, pulses, paused, told.busy)
        asyncio.run(crowd(door, one.sku.code, told, paused))
        pausing.result()
    after = asyncio.run(one_after_the_other(door, one.sku.code, alone, "after"))
    grown = max(weights) - weights[0]
    figures = {
        "clients": CLIENTS,
        "told to come again": told.statuses[429],
        "away": told.statuses[503],
        "slowest s": round(told.slowest_s, 2),
        "MB before": round(weights[0]),
        "MB more at most": round(grown),
        "ms before": round(before * 1e3, 1),
        "ms after": round(after * 1e3, 1),
    }
    tell(figures, record_property)
    assert told.statuses[201] == CLIENTS and told.statuses[429] > 0
    assert set(told.statuses) <= {201, 429, 503}
    assert 0 < grown < MOST_GROWN_MB
    assert process.child.poll() is None
    assert books.reserved_once(books.here) == told.ids | alone.ids
    assert Allocation.objects.get().taken == CLIENTS + 2 * ALONE
    assert queries.violations() == []
