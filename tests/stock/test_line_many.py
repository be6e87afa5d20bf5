"""A line so long that it is looked after a part at a time."""

from __future__ import annotations

import pytest
from django.db import connection

from console.stock import operations as stock
from console.stock import sqlcalls
from tests.make import NOW
from tests.stock.test_line import LATER, sold_out, states, tick, wait

pytestmark = pytest.mark.django_db


def test_no_more_than_five_hundred_offers_are_written_off_at_once() -> None:
    one, held = sold_out()
    wait(one, "a")
    stock.release(held, now=NOW)
    assert tick() == 1
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with ids as (select gen_random_uuid() as id, n::text as n
                from generate_series(1, 700) n),
            holds as (insert into stock_reservation
                select (jsonb_populate_record(r, to_jsonb(i) || jsonb_build_object(
                    'key', i.n, 'buyer', i.n))).*
                from stock_reservation r, ids i where r.state = 'held')
            insert into stock_waiter
            select (jsonb_populate_record(w, to_jsonb(i) || jsonb_build_object(
                'key', i.n, 'buyer', i.n, 'position', w.position + i.n::int))).*
            from stock_waiter w, ids i
            """
        )
        ended = []
        for _ in range(3):
            cursor.execute(sqlcalls.WAITERS_END, [LATER])
            ended.append(cursor.fetchone()[0])
    assert ended == [500, 201, 0]
    assert set(states()) == {"passed"}
