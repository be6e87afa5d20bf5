"""The gate while the database dies, stalls or drowns: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import httpx2
import psycopg
import pytest

from console.stock import batch
from tests.stock.faults.salekit import Sale
from tests.stock.gatekit import gate_process
from tests.stock.longer import short_and_long

pytestmark = pytest.mark.faults


def shop(sale: Sale, number: int, over: Event, skus: int) -> list[int]:
    """Buyers who come one after the other until the test is over."""
    got, chance = [], random.Random(number)
    with httpx2.Client(timeout=30, trust_env=False) as http:
        while not over.is_set():
            sku = f"SKU-{chance.randint(1, skus)}"
            got.append(sale.ask(http, f"{number}-{uuid4().hex}", sku))
            if got[-1] in (0, 429, 503):
                time.sleep(0.25)
    return got


def again(sale: Sale) -> None:
    """Whoever got no answer asks again with the same key, twice."""
    with httpx2.Client(timeout=30, trust_env=False) as http:
        for key, sku in list(sale.open.items()):
            sale.ask(http, key, sku)
            sale.ask(http, key, sku)


def check_books(sale: Sale, units: int, skus: int) -> None:
    """What buyers were told is in the ledger, once, and nothing else is."""
    kept = {str(pk) for (pk,) in sale.rows("SELECT id FROM stock_reservation")}
    assert set(sale.told.values()) == kept
    moved = sale.rows(
        "SELECT coalesce(sum(units), 0), count(DISTINCT reservation)"
        " FROM stock_movement WHERE target = 'reserved'"
    )
    assert moved == [(len(kept), len(kept))]
    taken = sale.rows("SELECT sum(taken), min(sellable) FROM stock_allocation")
    assert taken[0][0] == len(kept) <= units * skus
    assert taken[0][1] >= 0


@pytest.mark.timeout(300)
@short_and_long("kills", 3, 30)
def test_postgres_killed_under_load_loses_nothing_acknowledged(
    kills: int, sale: Sale
) -> None:
    units, skus = 150 * kills, 3
    sale.seed(units, skus)
    over = Event()
    with gate_process(sale.server.url) as sale.url, ThreadPoolExecutor(16) as pool:
        buyers = [pool.submit(shop, sale, n, over, skus) for n in range(16)]
        for _ in range(kills):
            time.sleep(random.uniform(0.2, 0.8))
            sale.kill()
            time.sleep(0.3)
            sale.back()
            _until_it_answers(sale)
        time.sleep(0.5)
        over.set()
        got = [status for one in buyers for status in one.result()]
        again(sale)
        check_books(sale, units, skus)
    assert set(got) <= {0, 201, 409, 429, 503}
    assert got.count(503) > 0


def _until_it_answers(sale: Sale) -> None:
    started = time.monotonic()
    with httpx2.Client(timeout=30, trust_env=False) as http:
        while sale.ask(http, f"probe-{uuid4().hex}", "SKU-1") not in (201, 409):
            assert time.monotonic() - started < 60
            time.sleep(0.05)


@pytest.mark.timeout(300)
def test_a_gate_killed_under_load_is_asked_again(sale: Sale) -> None:
    """Kill -9 of the gate: unanswered requests take effect once when repeated."""
    units = 5000
    sale.seed(units)
    over = Event()
    with ThreadPoolExecutor(16) as pool:
        with gate_process(sale.server.url, on_exit=signal.SIGKILL) as sale.url:
            buyers = [pool.submit(shop, sale, n, over, 1) for n in range(16)]
            _until_some_are_told(sale)
            time.sleep(0.5)
        over.set()
        for one in buyers:
            one.result()
    assert sale.told and sale.open
    with gate_process(sale.server.url) as sale.url:
        again(sale)
    check_books(sale, units, 1)


def _until_some_are_told(sale: Sale) -> None:
    deadline = time.monotonic() + 60
    while not sale.told:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_a_stalled_database_is_answered_with_a_bounded_queue(sale: Sale) -> None:
    """While nothing commits, requests wait or get 429 or 503; then all goes on."""
    sale.seed(100_000)
    with gate_process(sale.server.url) as sale.url:
        with httpx2.Client(timeout=30, trust_env=False) as http:
            assert sale.ask(http, "first", "SKU-1") == 201
        with psycopg.connect(sale.server.url) as holder:
            holder.execute("SELECT 1 FROM stock_allocation FOR UPDATE")
            with ThreadPoolExecutor(64) as pool:
                waiting = [pool.submit(_one, sale, f"w{n}") for n in range(64)]
                time.sleep(1)
                holder.rollback()
                got = [one.result() for one in waiting]
        assert set(got) <= {201, 429, 503}
        _until_it_answers(sale)
        again(sale)
    check_books(sale, 100_000, 1)


def _one(sale: Sale, key: str) -> int:
    with httpx2.Client(timeout=30, trust_env=False) as http:
        return sale.ask(http, key, "SKU-1")


@pytest.mark.timeout(300)
def test_sixty_four_connections_sell_exactly_the_stock(sale: Sale) -> None:
    """Group commit: more buyers than units, two gates, and not one unit too many."""
    sale.seed(500, 2)
    over = Event()
    with (
        gate_process(sale.server.url) as sale.url,
        gate_process(sale.server.url) as second,
        ThreadPoolExecutor(64) as pool,
    ):
        other = Sale(sale.server, sale.child, second, sale.token)
        doors = [sale, other]
        buyers = [pool.submit(_buy, doors[n % 2], n) for n in range(64)]
        got = [status for one in buyers for status in one.result()]
        over.set()
    assert got.count(201) == 1000
    assert got.count(409) == len(got) - 1000 > 0
    sale.told |= other.told
    check_books(sale, 500, 2)
    batches = sale.rows("SELECT count(DISTINCT made_at) FROM stock_reservation")
    assert batches[0][0] < 1000, "requests that arrive together share a commit"


def _buy(sale: Sale, number: int) -> list[int]:
    with httpx2.Client(timeout=30, trust_env=False) as http:
        return [
            sale.ask(http, f"{number}-{n}", f"SKU-{1 + (n + number) % 2}")
            for n in range(20)
        ]


@pytest.mark.timeout(300)
def test_a_database_that_may_not_write_is_answered_and_recovers(sale: Sale) -> None:
    sale.seed(100)
    with (
        gate_process(sale.server.url) as sale.url,
        httpx2.Client(timeout=30, trust_env=False) as http,
    ):
        assert sale.ask(http, "before", "SKU-1") == 201
        _read_only(sale, "on")
        assert sale.ask(http, "during", "SKU-1") == 503
        _read_only(sale, "off")
        _until_it_answers(sale)
        assert sale.ask(http, "during", "SKU-1") == 201
    check_books(sale, 100, 1)


def _read_only(sale: Sale, state: str) -> None:
    with psycopg.connect(sale.server.url, autocommit=True) as db:
        db.execute("SET default_transaction_read_only = off")
        db.execute(f"ALTER SYSTEM SET default_transaction_read_only = {state}")
        db.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)


def test_a_full_queue_is_told_at_once() -> None:
    """The queue is bounded: what does not fit is refused, not kept waiting."""

    async def fill() -> None:
        lane = batch.Lane("host=/nowhere", "", pack=list, key=lambda x: x)
        try:
            waiting = [lane.put(n) for n in range(batch.MOST_WAITING)]
            with pytest.raises(batch.Busy) as told:
                lane.put(-1)
            assert told.value.status == 429
        finally:
            await lane.close()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(one).__name__ for one in done} == {"Unavailable"}

    asyncio.run(fill())
