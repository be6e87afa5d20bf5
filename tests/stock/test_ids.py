"""What reservations are called, what they are found by, and how they are looked up."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from console.stock import operations as stock
from console.stock import sqlcalls
from console.stock.models import Allocation, Reservation, Waiter
from console.stock.rules import Claim, Item, claim
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
READ = """
SELECT sum(idx_tup_fetch) FROM pg_stat_xact_user_tables
WHERE relname IN ('stock_reservation', 'stock_reservationline')
"""


def claims(one: Allocation, count: int, word: str = "k") -> list[Claim]:
    lines = [Item(one.sku.code, 1)]
    return [
        claim("shop", f"{word}{n}", campaign="FS-1", buyer=f"{word}{n}", lines=lines)
        for n in range(count)
    ]


def decide(asked: list[Claim]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sqlcalls.RESERVE, sqlcalls.reserve_values(asked, NOW))
        return [row[1] for row in cursor.fetchall()]


def rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return int(cursor.fetchone()[0] or 0)


def test_ids_come_in_the_order_of_time() -> None:
    one = make.allocation(quantity=9)
    make.gate()
    lines = [Item(one.sku.code, 1)]
    times = [NOW + timedelta(milliseconds=n) for n in range(9)]
    ids = [
        stock.reserve("FS-1", lines=lines, buyer="b", key=f"{n}", now=at).id
        for n, at in enumerate(times)
    ]
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}


@pytest.mark.parametrize("limit", [None, 3])
@pytest.mark.parametrize("known", [0, 1])
def test_what_is_known_is_looked_up_by_its_key_whatever_was_analyzed(
    known: int, limit: int | None
) -> None:
    one = make.allocation(quantity=5000)
    make.gate(buyer_limit=limit)
    if known:
        decide(claims(one, known, "old"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stock_reservation, stock_reservationline")
        for name, value in (("enable_hashjoin", "off"), ("enable_mergejoin", "off")):
            cursor.execute(f"SET LOCAL {name} = {value}")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    for part in range(10):
        assert set(decide(claims(one, 200, f"p{part}-"))) == {"held"}
    before = rows_read()
    assert set(decide(claims(one, 50, "p3-"))) == {"replayed"}
    assert set(decide(claims(one, 50, "new"))) == {"held"}
    assert rows_read() - before <= 50 * 3


def test_a_waiter_called_waiting_gets_an_offer_beside_a_reservation_of_that_key() -> (
    None
):
    one = make.allocation(quantity=2)
    make.gate()
    lines = [Item(one.sku.code, 1)]
    ask = {"lines": lines, "buyer": "waiting", "key": "k", "client": "shop"}
    stock.reserve("FS-1", **ask, now=NOW)
    other = stock.reserve("FS-1", lines=lines, buyer="b", key="b", now=NOW)
    stock.wait(
        "FS-1",
        sku_code=one.sku.code,
        units=1,
        buyer="waiting",
        key="k",
        client="shop",
        now=NOW,
    )
    stock.release(other.id, now=NOW)
    stock.ring(now=NOW)
    assert stock.offer(now=NOW) == 1
    assert Waiter.objects.get().state == "offered"


def test_reservations_of_before_are_found_by_their_key_and_offers_by_their_id() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    decide(claims(one, 2))
    was = dict(Reservation.objects.values_list("id", "digest"))
    moved = import_module("console.stock.migrations.0020_ids")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE stock_reservation ALTER digest DROP NOT NULL")
        cursor.execute("UPDATE stock_reservation SET digest = NULL")
    moved.MANY = 1
    moved.digests(apps, connection.schema_editor())
    assert dict(Reservation.objects.values_list("id", "digest")) == was
    assert decide(claims(one, 2)) == ["replayed", "replayed"]
