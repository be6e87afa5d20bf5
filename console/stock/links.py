"""The gate's connections to the database: how to dial, and one for its reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog
from django.conf import settings
from psycopg.conninfo import make_conninfo

from console.errors import Refusal

Row = tuple[Any, ...]
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


class Reader:
    """Reads one after the other; connects when needed and again after a failure."""

    def __init__(self, conninfo: str) -> None:
        """Remember where."""
        self._conninfo = conninfo
        self._turn = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Row] | None = None

    async def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What the statement answers.

        Raises:
            Unavailable: the database does not answer.
        """
        async with self._turn:
            try:
                return await self._rows(sql, values)
            except (psycopg.OperationalError, psycopg.InternalError) as down:
                log.warning("gate.database_down", error=str(down))
                await self.close()
                raise Unavailable("The database is away. Try again.") from down

    async def _rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._conninfo)
        cursor = await self._connection.execute(sql, values)
        return await cursor.fetchall() if cursor.description else []

    async def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
