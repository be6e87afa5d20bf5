"""One writer for many: whoever is together in a batch is answered one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import errors

from console.stock import batch
from console.stock.batch import Lane
from tests.stock.gatekit import database_of_tests

pytestmark = pytest.mark.django_db(transaction=True)
POISON = 0
WRITE = "SELECT place, written FROM lane_write(%s::int[])"
FUNCTION = """
CREATE TABLE lane_book (item int PRIMARY KEY, divided int, batch bigint);
CREATE SEQUENCE lane_calls;
CREATE FUNCTION lane_write(items int[]) RETURNS TABLE (place int, written int)
LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('lane_calls') <= {failing} THEN
        RAISE EXCEPTION 'a twin came between' USING ERRCODE = '{code}';
    END IF;
    INSERT INTO lane_book SELECT x, 100 / x, txid_current() FROM unnest(items) x;
    RETURN QUERY SELECT n::int, x FROM unnest(items) WITH ORDINALITY AS t (x, n);
END $$;
"""
"""Nothing can be divided by the poisonous item, and the first calls find a twin."""
GONE = """
DROP FUNCTION IF EXISTS lane_write; DROP TABLE IF EXISTS lane_book;
DROP SEQUENCE IF EXISTS lane_calls;
"""


@contextmanager
def book(failing: int = 0, code: str = "23505") -> Iterator[psycopg.Connection]:
    """A function that writes items down; its first calls fail with this state."""
    with psycopg.connect(database_of_tests(), autocommit=True) as db:
        db.execute(GONE)
        db.execute(FUNCTION.format(failing=failing, code=code))
        try:
            yield db
        finally:
            db.execute(GONE)


def pack(items: Sequence[int]) -> list[object]:
    return [list(items)]


def together(items: Sequence[int]) -> list[object]:
    """What each of these was answered, all put into a lane at one moment."""

    async def all_of_them() -> list[object]:
        lane: Lane[int] = Lane(where, WRITE, pack=pack, key=lambda x: x)
        try:
            asked = [lane.put(item) for item in items]
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            await lane.close()

    where = database_of_tests()
    return asyncio.run(all_of_them())


def test_those_who_come_together_share_a_transaction() -> None:
    with book() as db:
        assert together([3, 4, 5]) == [(1, 3), (2, 4), (3, 5)]
        assert written(db) == ([3, 4, 5], 1)


@pytest.mark.parametrize("place", [0, 3, 6])
def test_one_that_breaks_a_batch_breaks_for_nobody_else(place: int) -> None:
    """Wherever it stands: the others are written one by one, and it hears why."""
    items = [1, 2, 3, 4, 5, 6]
    items.insert(place, POISON)
    with book() as db:
        got = together(items)
        assert isinstance(got[place], errors.DivisionByZero)
        assert got[:place] + got[place + 1 :] == [(1, n) for n in range(1, 7)]
        assert written(db) == ([1, 2, 3, 4, 5, 6], 6)


def test_a_lane_goes_on_after_one_that_broke_its_batch() -> None:
    async def two_batches() -> tuple[object, ...]:
        lane: Lane[int] = Lane(database, WRITE, pack=pack, key=lambda x: x)
        try:
            with pytest.raises(errors.DivisionByZero):
                await lane.put(POISON)
            return await lane.put(7)
        finally:
            await lane.close()

    database = database_of_tests()
    with book() as db:
        assert asyncio.run(two_batches()) == (1, 7)
        assert written(db) == ([7], 1)


@pytest.mark.parametrize("code", ["23505", "40P01", "40001"])
def test_a_twin_that_came_between_makes_a_batch_start_over(code: str) -> None:
    """All try again together, and nobody hears of it."""
    with book(failing=batch.TRIES - 1, code=code) as db:
        assert together([1, 2, 3]) == [(1, 1), (2, 2), (3, 3)]
        assert written(db) == ([1, 2, 3], 1)
        assert calls(db) == batch.TRIES


def test_a_twin_that_always_comes_between_leaves_each_to_itself() -> None:
    with book(failing=batch.TRIES) as db:
        assert together([1, 2]) == [(1, 1), (1, 2)]
        assert written(db) == ([1, 2], 2)
        assert calls(db) == batch.TRIES + 2


def written(db: psycopg.Connection) -> tuple[list[int], int]:
    """What is in the book, and by how many transactions."""
    rows = db.execute("SELECT item, batch FROM lane_book ORDER BY item").fetchall()
    return [item for item, _ in rows], len({by for _, by in rows})


def calls(db: psycopg.Connection) -> int:
    """How often it was tried to write: a sequence counts what is rolled back, too."""
    found = db.execute("SELECT last_value FROM lane_calls").fetchone()
    assert found
    return int(found[0])
