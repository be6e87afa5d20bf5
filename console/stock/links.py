"""The gate's connections to the database: how to dial, and one for its reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import psycopg
import structlog
from django.conf import settings
from psycopg.conninfo import make_conninfo

from console.errors import Refusal

Row = tuple[Any, ...]
MOST_WAITING = 2_000
"""So many wait for one thing; the next is told at once."""
PATIENCE_S = 6.0
"""The longest a statement may take; the server's own limit is a second less."""
SETTINGS = {
    "lock_timeout": "2000",
    "statement_timeout": "5000",
    "timezone": "UTC",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
"""Never wait long; plan once, by index, however small a table was when first seen."""
log = structlog.get_logger(__name__)


class Unavailable(Refusal):
    """The database does not answer; the same key may be sent again."""

    code = "unavailable"
    status = 503


class Busy(Refusal):
    """More is waiting than can be answered soon; nothing was written."""

    code = "busy"
    status = 429

    def __init__(self) -> None:
        """It is always said the same."""
        super().__init__("The gate is busy. Try again in a second with the same key.")


class Seats:
    """Those who wait for one thing: `with seats` sits down.

    Raises:
        Busy: MOST_WAITING wait already.
    """

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._taken = 0

    def __enter__(self) -> None:
        """Take one."""
        if self._taken >= MOST_WAITING:
            raise Busy
        self._taken += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Get up."""
        self._taken -= 1


def conninfo() -> str:
    """How libpq reaches the database of the settings."""
    kept = settings.DATABASES["default"]
    named = {
        "dbname": kept["NAME"],
        "user": kept["USER"],
        "password": kept["PASSWORD"],
        "host": kept["HOST"],
        "port": kept["PORT"],
    }
    return make_conninfo(**{k: v for k, v in named.items() if v}, **kept["OPTIONS"])


async def connect(where: str) -> psycopg.AsyncConnection[Row]:
    """A connection that commits each statement and never waits for long."""
    return await psycopg.AsyncConnection.connect(
        where,
        autocommit=True,
        connect_timeout=2,
        tcp_user_timeout=5000,
        application_name="doorbuster gate",
        options=" ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
    )


async def ask(
    connection: psycopg.AsyncConnection[Row],
    sql: str,
    values: Sequence[object],
    *,
    prepare: bool | None = None,
) -> list[Row]:
    """What a statement answers in time.

    psycopg gives a cancelled statement ten more seconds. One that is late takes them by
    itself: its connection is left to it, and whoever asked is told now.

    Raises:
        TimeoutError: no answer within PATIENCE_S; use another connection.
    """
    asked = asyncio.ensure_future(_fetch(connection, sql, values, prepare))
    try:
        await asyncio.wait({asked}, timeout=PATIENCE_S)
    except asyncio.CancelledError:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        raise
    if asked.done():
        return asked.result()
    asked.cancel()
    left = asyncio.ensure_future(_leave(connection, asked))
    _leaving.add(left)
    left.add_done_callback(_leaving.discard)
    raise TimeoutError(f"no answer within {PATIENCE_S:g} s")


_leaving: set[asyncio.Future[None]] = set()
"""Held here, because a loop holds on to no task."""


async def _fetch(
    connection: psycopg.AsyncConnection[Row],
    sql: str,
    values: Sequence[object],
    prepare: bool | None,
) -> list[Row]:
    cursor = await connection.execute(sql, values, prepare=prepare)
    return await cursor.fetchall() if cursor.description else []


async def _leave(
    connection: psycopg.AsyncConnection[Row], asked: asyncio.Future[list[Row]]
) -> None:
    await asyncio.gather(asked, return_exceptions=True)
    await connection.close()


class Reader:
    """Reads one after the other; connects when needed and again after a failure."""

    def __init__(self, conninfo: str) -> None:
        """Remember where."""
        self._conninfo = conninfo
        self._seats = Seats()
        self._turn = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Row] | None = None

    async def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What the statement answers.

        Raises:
            Unavailable: the database does not answer, or not in time.
            Busy: too many wait for their turn.
        """
        with self._seats:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._turn.acquire()
            except TimeoutError as late:
                raise Unavailable("The database is slow. Try again.") from late
            try:
                return await self._rows(sql, values)
            except (psycopg.OperationalError, psycopg.InternalError) as down:
                log.warning("gate.database_down", error=str(down))
                await self.close()
                raise Unavailable("The database is away. Try again.") from down
            except TimeoutError as late:
                log.warning("gate.database_down", error=str(late))
                self._connection = None
                raise Unavailable("The database is away. Try again.") from late
            finally:
                self._turn.release()

    async def _rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._conninfo)
        return await ask(self._connection, sql, values)

    async def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
