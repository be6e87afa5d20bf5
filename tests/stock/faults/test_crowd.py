"""A crowd at two gates: 20 SKUs, 50 clients, far more tries than units."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Max

from console.stock import clock, queries, tasks
from console.stock import operations as stock
from console.stock.models import Reservation, ReservationLine
from console.stock.rules import HoldState, Want
from tests import make
from tests.stock.conftest import Door
from tests.stock.faults import books
from tests.stock.faults.telling import Record, tell, until
from tests.stock.faults.wire import Wire, insist
from tests.stock.faults.worker import WorkerProcess
from tests.stock.gatekit import GateProcess, database_of_tests

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
CLIENTS, SKUS = 50, 20
PAYS_EVERY = 10
SHORTLY_S = 2


@dataclass(frozen=True)
class Size:
    """How many tries for how many units of each SKU; how long a hold lasts."""

    tries: int
    units: int
    ttl_s: int


SHORT = Size(5_000, 50, 1)
LONG = Size(100_000, 1_000, 20)


@dataclass
class Told:
    """What the crowd was told."""

    statuses: Counter[int] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    orders: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def doors(door: Door) -> Iterator[list[Door]]:
    """The gate of the run and a second one, with a worker that sweeps."""
    second = GateProcess(database_of_tests())
    worker = WorkerProcess(database_of_tests())
    try:
        worker.start()
        second.start()
        yield [door, Door(second.url, door.token)]
    finally:
        second.end()
        worker.end()


def a_sale(size: Size) -> list[str]:
    """An open sale; the codes of what it sells."""
    skus = [make.sku() for _ in range(SKUS)]
    for sku in skus:
        make.level(sku, units=size.units)
    wants = [Want(sku.pk, size.units) for sku in skus]
    stock.lock("FS-1", wants=wants, actor=None, now=make.NOW)
    make.gate(hold_ttl_s=size.ttl_s)
    return [sku.code for sku in skus]


async def crowd(doors: list[Door], codes: list[str], tries: int) -> Told:
    """All of them at once, each asking for one unit after the other."""
    told, numbers, chance = Told(), iter(range(tries)), random.Random(7)

    async def client(place: int) -> None:
        wire = Wire(doors[place % len(doors)].url, doors[0].token)
        for number in numbers:
            answer = await insist(wire, uuid4().hex, {chance.choice(codes): 1})
            told.statuses[answer.status] += 1
            if answer.status == 201:
                told.ids.add(held := answer.told()["id"])
                if number % PAYS_EVERY == 0:
                    told.orders[held] = f"O-{number}"
                    assert (await wire.confirm(held, f"O-{number}")).status == 200
        wire.close()

    await asyncio.gather(*map(client, range(CLIENTS)))
    return told


@contextmanager
def watched() -> Iterator[list[int]]:
    """Somebody adds up the books all the time; how many faults each look found."""
    looks: list[int] = []
    over = Event()

    def look() -> None:
        try:
            while not over.is_set():
                looks.append(len(queries.violations()))
                over.wait(0.02)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(look)
        try:
            yield looks
        finally:
            over.set()
            watching.result()


def all_holds_ended(after_s: float) -> bool:
    last = Reservation.objects.aggregate(last=Max("expires_at"))["last"]
    return bool(clock.now() >= last + timedelta(seconds=after_s))


async def take_all(door: Door, left: dict[str, int]) -> None:
    """Take every unit that is left in one basket, and give it back."""
    wire = Wire(door.url, door.token)
    answer = await insist(wire, "everything", left)
    assert answer.status == 201, answer.body
    assert (await wire.release(answer.told()["id"])).status == 200
    wire.close()


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SHORT, id="short"),
        pytest.param(LONG, id="long", marks=pytest.mark.soak),
    ],
)
def test_a_crowd_gets_every_unit_once_and_nothing_is_stuck(
    size: Size,
    doors: list[Door],
    record_property: Record,
) -> None:
    """None too many, no answer without an entry, and unpaid units are free again."""
    codes = a_sale(size)
    started = time.monotonic()
    with watched() as looks:
        told = asyncio.run(crowd(doors, codes, size.tries))
    seconds = round(time.monotonic() - started, 1)
    over = books.oversold(books.here)
    figures = {
        "tries": told.statuses.total(),
        "acknowledged": told.statuses[201],
        "refused": told.statuses[409],
        "paid": len(told.orders),
        "oversold": over,
        "looks": len(looks),
        "violations": sum(looks),
        "seconds": seconds,
    }
    tell(figures, record_property)

    assert set(told.statuses) == {201, 409}
    assert told.statuses.total() == size.tries
    assert (over, books.ended_early(books.here)) == (0, 0)
    assert looks and not any(looks)
    assert books.reserved_once(books.here) == told.ids
    assert books.sold(books.here) == told.orders

    until(lambda: all_holds_ended(SHORTLY_S))
    nothing_is_stuck(size, doors[0])


def nothing_is_stuck(size: Size, door: Door) -> None:
    """Every unit was paid for or may be bought."""
    counts = queries.counters("FS-1", now=clock.now())
    assert [(x.reserved, x.sold + x.left) for x in counts] == [(0, size.units)] * SKUS
    asyncio.run(take_all(door, {x.sku_code: x.left for x in counts if x.left}))
    tasks.sweep()
    assert not ReservationLine.objects.filter(held=True).exists()
    assert not Reservation.objects.filter(state=HoldState.HELD).exists()
    assert queries.violations() == []
