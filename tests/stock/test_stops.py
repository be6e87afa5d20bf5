"""One SKU of a sale is stopped: nobody gets it any more, who has it keeps it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.audit.models import Entry
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Reservation
from console.stock.rules import Item, SkuStopped, Want
from tests import make
from tests.calls import http
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.conftest import Door
from tests.stock.test_gate import asked, post, reserve


def stop(one: Allocation, **words: object) -> int:
    return stock.stop_sku([one.pk], actor=None, now=NOW, **words)


def start(one: Allocation) -> int:
    return stock.start_sku([one.pk], actor=None, now=NOW)


@contextmanager
def shoppers(door: Door, code: str, count: int = 8) -> Iterator[list[float]]:
    """So many who buy as fast as they are answered; when each was given a unit."""
    given, over = list[float](), Event()

    def shop(_: int) -> None:
        while not over.is_set():
            if reserve(door, asked(code)).status_code == 201:
                given.append(time.monotonic())

    with ThreadPoolExecutor(count) as pool:
        shopping = [pool.submit(shop, number) for number in range(count)]
        try:
            yield given
        finally:
            over.set()
        for one in shopping:
            one.result()


def test_under_load_a_stop_takes_less_than_two_seconds_to_be_everywhere(
    door: Door,
) -> None:
    """From before it is asked for until the last unit that anybody is given."""
    one = make.allocation(quantity=100_000)
    make.gate()
    with shoppers(door, one.sku.code) as given:
        while len(given) < 50:
            time.sleep(0.05)
        began = time.monotonic()
        stop(one)
        took = time.monotonic() - began
        while time.monotonic() - began < 2.5:
            time.sleep(0.05)
    assert took < 2 and max(given) - began < 2
    assert Allocation.objects.get().taken == len(given)
    assert queries.violations() == []


def test_a_stopped_sku_is_refused_and_holds_are_paid(door: Door) -> None:
    one = make.allocation(quantity=5)
    make.gate()
    held = reserve(door, asked(one.sku.code)).json()
    stop(one)
    told = reserve(door, asked(one.sku.code))
    assert (told.status_code, told.json()["code"]) == (409, "sku_stopped")
    assert told.json()["field"] == "lines[0].sku"
    paid = post(door, f"reservations/{held['id']}/confirm", {"order": "O-1"})
    assert (paid.status_code, paid.json()["shortfall"]) == (200, 0)
    seen = {"campaign": "FS-1"}
    headers = {"Authorization": f"Bearer {door.token}"}
    url = f"{door.url}/api/gate/v1/availability"
    left = http.get(url, params=seen, headers=headers).json()["skus"]
    assert left == [{"sku": one.sku.code, "left": 0, "unavailable": "stopped"}]
    (count,) = queries.counters("FS-1", now=NOW)
    assert (count.for_sale, count.stopped) == (left[0]["left"], count.left)
    assert start(one) == 1
    assert reserve(door, asked(one.sku.code)).status_code == 201
    assert queries.violations() == []


def test_a_gate_that_knew_it_was_sold_out_says_that_it_is_stopped(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    assert reserve(door, asked(one.sku.code)).status_code == 201
    for _ in range(5):
        assert reserve(door, asked(one.sku.code)).json()["code"] == "not_enough_stock"
        time.sleep(0.1)
    stop(one)
    began = time.monotonic()
    while reserve(door, asked(one.sku.code)).json()["code"] != "sku_stopped":
        assert time.monotonic() - began < 1
    for _ in range(5):
        assert reserve(door, asked(one.sku.code)).json()["code"] == "sku_stopped"
        time.sleep(0.1)


@pytest.mark.django_db
def test_stopping_is_in_the_trail_once_with_its_reason() -> None:
    one = make.allocation(quantity=5)
    assert [stop(one, reason="recall"), stop(one), start(one)] == [1, 0, 1]
    told = Entry.objects.filter(verb__in=["stock.stop_sku", "stock.start_sku"])
    verbs = list(told.order_by("pk").values_list("verb", "reason"))
    assert verbs == [("stock.stop_sku", "recall"), ("stock.start_sku", "")]


@pytest.mark.django_db
def test_one_stopped_line_refuses_the_basket_and_spares_the_other_sku() -> None:
    levels = [make.level(units=5) for _ in range(2)]
    wants = [Want(level.sku_id, 5) for level in levels]
    one, two = stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    stop(one)
    lines = [Item(two.sku.code, 1), Item(one.sku.code, 1)]
    with pytest.raises(SkuStopped, match="is stopped") as told:
        stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=NOW)
    assert told.value.field == "lines[1].sku"
    assert told.value.detail == {"sku": one.sku.code}
    stock.reserve("FS-1", lines=lines[:1], buyer="b", key="k", now=NOW)
    assert queries.violations() == []


@pytest.mark.django_db
def test_starting_many_skus_asks_as_often_as_starting_one() -> None:
    wants = [Want(make.level(units=5).sku_id, 5) for _ in range(9)]
    ids = [one.pk for one in stock.lock("FS-1", wants=wants, actor=None, now=NOW)]
    asked = {}
    for some in (ids[:1], ids):
        assert stock.stop_sku(some, actor=None, now=NOW) == len(some)
        with CaptureQueriesContext(connection) as seen:
            assert stock.start_sku(some, actor=None, now=NOW) == len(some)
        asked[len(some)] = [one["sql"].split()[0] for one in seen]
    assert asked[1] == asked[9]
    assert Entry.objects.filter(verb="stock.start_sku").count() == 10


def buy_while_it_lasts(code: str) -> int:
    got = 0
    for _ in range(40):
        try:
            lines = [Item(code, 1)]
            stock.reserve("FS-1", lines=lines, buyer="b", key=uuid4().hex, now=NOW)
        except SkuStopped:
            break
        got += 1
    return got


@pytest.mark.django_db(transaction=True)
def test_nothing_is_granted_of_a_sku_once_stopping_it_returned() -> None:
    one = make.allocation(quantity=1000)
    make.gate()
    stopped: list[int] = []

    def act(number: int) -> int:
        if number:
            return buy_while_it_lasts(one.sku.code)
        time.sleep(0.02)
        stop(one)
        stopped.append(Reservation.objects.count())
        return 0

    got = in_parallel(6, act)
    assert all(isinstance(x, int) for x in got), got
    assert Reservation.objects.count() == stopped[0] == sum(got)
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_a_stop_that_does_not_wait_for_its_commit_lets_more_through() -> None:
    """The same race, but what is written is not there yet when the stop returns."""
    one = make.allocation(quantity=1000)
    make.gate()
    stopped: list[int] = []

    def act(number: int) -> int:
        if number:
            return buy_while_it_lasts(one.sku.code)
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT state FROM stock_allocation")
            stopped.append(Reservation.objects.count())
            cursor.execute("SELECT pg_sleep(0.1)")
            cursor.execute("UPDATE stock_allocation SET state = 'stopped'")
            cursor.execute("COMMIT")
        return 0

    got = in_parallel(6, act)
    assert Reservation.objects.count() > stopped[0], got


@pytest.mark.django_db
def test_who_pays_late_for_a_stopped_sku_takes_no_unit_of_it() -> None:
    one = make.allocation(quantity=2)
    make.gate()
    lines, late = [Item(one.sku.code, 1)], NOW + timedelta(seconds=61)
    held = stock.reserve("FS-1", lines=lines, buyer="b", key="k", ttl_s=60, now=NOW)
    assert stock.sweep(now=late) == 1
    stop(one)
    assert stock.confirm(held.id, order="O-1", now=late).shortfall == 1
    assert Allocation.objects.get().taken == 0
    assert queries.violations() == []
