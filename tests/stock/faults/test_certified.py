"""Whoever is killed and whatever is forgotten, the certificates are the same."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import redis

from tests.stock.faults import books, diary
from tests.stock.faults.salekit import Sale, program
from tests.stock.faults.telling import Record, tell, until
from tests.stock.faults.test_kills import SKUS, Street, homes, street

__all__ = ["homes"]

pytestmark = pytest.mark.faults
CLIENTS = 50


def forget() -> None:
    """Empty Valkey."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushall()


def disturb(here: Street, times: int, paid: Path) -> None:
    """Kill a worker or a gate, and empty Valkey, again and again."""
    until(lambda: here.heard > 0)
    for number in range(times):
        time.sleep(random.uniform(0.1, 0.6))
        forget()
        here.kill("worker" if number % 2 else "gate")
    until(lambda: bool(diary.read(paid)))


def under_load(here: Street, times: int, paid: Path) -> None:
    over = Event()
    with ThreadPoolExecutor(1) as pool:
        shoppers = pool.submit(lambda: asyncio.run(here.shop(over)))
        try:
            disturb(here, times, paid)
        finally:
            over.set()
        shoppers.result()


def ended(sale: Sale) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        program(sale.server, "-m", "tests.stock.faults.end_sale")
    )
    return found


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    "times",
    [
        pytest.param(2, id="short"),
        pytest.param(40, id="long", marks=pytest.mark.soak),
    ],
)
def test_killed_and_forgotten_the_certificates_are_the_same(
    times: int, sale: Sale, homes: list[Path], record_property: Record
) -> None:
    """50 clients, workers and gates killed, Valkey emptied: 0 violations, one hash."""
    sale.seed(50 * times, SKUS, 3)
    with street(sale, *homes) as here:
        here.clients = CLIENTS
        under_load(here, times, homes[1])
        asyncio.run(here.ask_again())
        here.worker.end(signal.SIGKILL)
        first = ended(sale)
        forget()
        here.gates[0].end(signal.SIGKILL)
        second = ended(sale)
    paid = dict(diary.read(homes[1]))
    figures = {name: first[name] for name in ("sold", "entries", "oversold")}
    tell({"disturbed": times, **figures}, record_property)
    assert len(first["sealed"]) == SKUS
    assert first["sealed"] == first["again"] == second["sealed"] == second["again"]
    for name in ("void", "violations", "unbalanced"):
        assert first[name] == second[name] == []
    assert first["oversold"] == books.oversold(sale.rows) == 0
    sold = books.sold(sale.rows)
    assert paid.items() <= sold.items()
    # Who paid late for what was gone is owed it, and counts as short.
    assert first["sold"] == len(sold) - books.short(sale.rows) > 0
