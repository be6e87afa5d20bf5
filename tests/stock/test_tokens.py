"""Who is known at the gate while its tokens are read again, or cannot be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from console.stock import links, tokens
from console.stock import operations as stock
from console.stock.links import Busy, Reader, Unavailable
from console.stock.tokens import Tokens, TokenUnknown
from tests.make import NOW
from tests.stock.gatekit import database_of_tests

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 200
OURS = "application_name = 'doorbuster gate' AND query LIKE '%FROM stock_apitoken%'"


@pytest.fixture
def key() -> str:
    return stock.issue_token("shop", actor=None, now=NOW)


@contextmanager
def unreadable() -> Iterator[None]:
    """Nobody reads a token: each read waits two seconds and fails."""
    with psycopg.connect(database_of_tests()) as holder:
        holder.execute("LOCK TABLE stock_apitoken IN ACCESS EXCLUSIVE MODE")
        yield
        holder.rollback()


def run(work: Callable[[Tokens], Awaitable[None]]) -> None:
    """Do some work with tokens that nobody has read yet."""

    async def all_of_it() -> None:
        reader = Reader(database)
        try:
            await work(Tokens(reader))
        finally:
            await reader.close()

    database = database_of_tests()
    asyncio.run(all_of_it())


async def client(known: Tokens, secret: str) -> str:
    return await known.client(b"Bearer " + secret.encode(), "gate.reserve")


async def told(known: Tokens, secret: str) -> str:
    """The client, or the name of the refusal."""
    try:
        return await client(known, secret)
    except (Busy, TokenUnknown, Unavailable) as refused:
        return refused.code


def revoke_all() -> None:
    with psycopg.connect(database_of_tests()) as db:
        db.execute("DELETE FROM stock_apitoken")


async def settle() -> None:
    """Let a read beside the requests end."""
    await asyncio.sleep(0.5)


def test_a_token_that_ages_is_read_again_beside_its_requests(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(known: Tokens) -> None:
        assert await client(known, key) == "shop"
        await asyncio.to_thread(revoke_all)
        monkeypatch.setattr(tokens, "SOON_S", 0.0)
        assert await client(known, key) == "shop"
        await settle()
        assert await told(known, key) == "token_unknown"

    run(work)


def test_a_token_that_is_too_old_counts_only_once_it_was_read_again(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle gate knows tokens of long ago: the first request finds one revoked."""

    async def work(known: Tokens) -> None:
        assert await client(known, key) == "shop"
        await asyncio.to_thread(revoke_all)
        monkeypatch.setattr(tokens, "SOON_S", 0.0)
        monkeypatch.setattr(tokens, "FRESH_S", 0.0)
        assert await told(known, key) == "token_unknown"

    run(work)


def test_a_known_token_goes_on_while_the_database_does_not_answer(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(known: Tokens) -> None:
        assert await client(known, key) == "shop"
        monkeypatch.setattr(tokens, "SOON_S", 0.0)
        monkeypatch.setattr(tokens, "FRESH_S", 0.0)
        with unreadable():
            began = time.monotonic()
            many = await asyncio.gather(*(client(known, key) for _ in range(MANY)))
            assert time.monotonic() - began < tokens.SLOW_S + 1
            assert set(many) == {"shop"}
            began = time.monotonic()
            assert await client(known, key) == "shop"
            assert time.monotonic() - began < tokens.SLOW_S
        await asyncio.sleep(2.5)
        assert await client(known, key) == "shop"

    run(work)


def test_a_known_token_does_not_go_on_for_ever(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(known: Tokens) -> None:
        assert await client(known, key) == "shop"
        for name in ("SOON_S", "FRESH_S", "KEPT_S", "PATIENCE_S"):
            monkeypatch.setattr(tokens, name, 0.0)
        with unreadable():
            assert await told(known, key) == "unavailable"

    run(work)


def test_unknown_tokens_wait_for_one_read_together(key: str) -> None:
    """All are told when it fails, and the next read is the first of many again."""

    async def work(known: Tokens) -> None:
        with unreadable():
            began = time.monotonic()
            asking = [asyncio.ensure_future(told(known, key)) for _ in range(MANY)]
            await asyncio.sleep(0.5)
            assert await asyncio.to_thread(reads_under_way) == 1
            assert set(await asyncio.gather(*asking)) == {"unavailable"}
            assert time.monotonic() - began < 2 * links.PATIENCE_S
        await asyncio.sleep(tokens.PATIENCE_S)
        assert await client(known, key) == "shop"

    run(work)


def reads_under_way() -> int:
    with psycopg.connect(database_of_tests()) as db:
        found = db.execute(
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE {OURS} AND state = 'active' AND datname = current_database()"
        ).fetchone()
    assert found
    return int(found[0])


def test_only_so_many_unknown_tokens_wait(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_WAITING", 20)

    async def work(known: Tokens) -> None:
        with unreadable():
            asking = [asyncio.ensure_future(told(known, key)) for _ in range(30)]
            quick, late = await asyncio.wait(asking, timeout=1)
            assert [one.result() for one in quick] == ["busy"] * 10
            assert {await one for one in late} == {"unavailable"}

    run(work)


def test_who_revokes_a_token_is_not_waited_for(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is locked: when it was last used is not written, and nobody notices."""

    async def work(known: Tokens) -> None:
        assert await client(known, key) == "shop"
        monkeypatch.setattr(tokens, "SOON_S", 0.0)
        monkeypatch.setattr(tokens, "FRESH_S", 0.0)
        with psycopg.connect(database_of_tests()) as holder:
            holder.execute("SELECT 1 FROM stock_apitoken FOR UPDATE")
            began = time.monotonic()
            assert await client(known, key) == "shop"
            assert time.monotonic() - began < tokens.SLOW_S

    run(work)
