"""Group commit: requests that arrive together are written in one transaction.

A lane owns one connection and one queue. While a batch is being written the next one
gathers, so the busier it is the larger the batches. A lone request is written at once;
one of many waits until as many are together as were before, but never longer than half
of what writing those took: two half-empty batches cost nearly twice what a full one
does.
Everybody is answered after the commit, each with their own result.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import psycopg
import structlog
from psycopg import errors

from console.stock.links import MOST_WAITING, Busy, Row, Unavailable, ask, connect

Item = TypeVar("Item")

MOST_TOGETHER = 500
TRIES = 5
GATHER_S = 0.005
"""The longest a request ever waits for others to come."""
IDLE_S = 0.05
"""After so long without a batch nobody is expected."""
AGAIN = (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure)
AWAY = (psycopg.OperationalError, psycopg.InternalError, TimeoutError)
"""Not there, not answering, or not writing (a standby, a full disk)."""
SILENT = (errors.ConnectionTimeout, TimeoutError)
"""Not a word came: who waits has waited for it, too, and is told at once."""
log = structlog.get_logger(__name__)


class Lane(Generic[Item]):
    """Writes items of one kind in batches, in the order they came.

    pack: the SQL arguments of a batch.
    key: items of one key share a batch only if they are equal, and then one row.
    """

    def __init__(
        self,
        conninfo: str,
        sql: str,
        *,
        pack: Callable[[Sequence[Item]], Sequence[object]],
        key: Callable[[Item], Hashable],
    ) -> None:
        """Remember how; connect when the first item comes."""
        self._conninfo = conninfo
        self._sql = sql
        self._pack = pack
        self._key = key
        self._queue: deque[tuple[Item, asyncio.Future[Row]]] = deque()
        self._bell = asyncio.Event()
        self._enough = 1
        self._gather_s = self._ended = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    def put(self, item: Item) -> asyncio.Future[Row]:
        """Queue an item; the future is its row, once committed.

        Raises:
            Busy: the queue is full, so the answer would come too late.
        """
        if len(self._queue) >= MOST_WAITING:
            raise Busy
        future = self._loop.create_future()
        self._queue.append((item, future))
        self._ring()
        return future

    def _ring(self) -> None:
        """Wake the writer if enough are together, or else in a moment."""
        idle = time.monotonic() - self._ended > IDLE_S
        if idle or len(self._queue) >= self._enough:
            self._bell.set()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._gather_s, self._bell.set)

    async def close(self) -> None:
        """Stop writing; what waits is answered as unavailable."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._fail_all()
        await self._drop()

    async def _run(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            batch = self._take()
            if not batch:
                continue
            began = time.monotonic()
            try:
                await self._answer(batch)
            except AWAY as down:
                log.warning("gate.database_down", error=str(down))
                await self._drop()
                self._fail([one for _, waiting in batch for one in waiting])
                if isinstance(down, SILENT):
                    self._fail_all()
            except Exception:
                log.exception("gate.batch_failed")
                await self._one_by_one(batch)
            seen = len(batch) + len(self._queue)
            self._enough = max(1, min(seen * 3 // 4, MOST_TOGETHER))
            self._ended = time.monotonic()
            self._gather_s = min((self._ended - began) / 2, GATHER_S)
            if self._queue:
                self._ring()

    def _take(self) -> list[tuple[Item, list[asyncio.Future[Row]]]]:
        """The next batch; an item whose key is in it with another body waits."""
        batch: dict[Hashable, tuple[Item, list[asyncio.Future[Row]]]] = {}
        later = []
        while self._queue and len(batch) < MOST_TOGETHER:
            item, future = self._queue.popleft()
            first, waiting = batch.setdefault(self._key(item), (item, []))
            if first == item:
                waiting.append(future)
            else:
                later.append((item, future))
        self._queue.extendleft(reversed(later))
        return list(batch.values())

    async def _answer(
        self, batch: Sequence[tuple[Item, list[asyncio.Future[Row]]]]
    ) -> None:
        rows = await self._write([item for item, _ in batch])
        for row in rows:
            for future in batch[row[0] - 1][1]:
                if not future.done():
                    future.set_result(row)

    async def _write(self, items: Sequence[Item]) -> list[Row]:
        """One statement, one commit; a twin that got in between means once more."""
        values = self._pack(items)
        for _ in range(TRIES - 1):
            try:
                return await self._once(values)
            except AGAIN as twin:
                log.info("gate.again", error=str(twin))
        return await self._once(values)

    async def _once(self, values: Sequence[object]) -> list[Row]:
        connection = self._connection
        if connection is None or connection.closed:
            connection = self._connection = await connect(self._conninfo)
        try:
            return await ask(connection, self._sql, values, prepare=True)
        except TimeoutError:
            self._connection = None
            raise

    async def _one_by_one(
        self, batch: Sequence[tuple[Item, list[asyncio.Future[Row]]]]
    ) -> None:
        """One of the members broke the batch: the others get their answer."""
        for one in batch:
            try:
                await self._answer([one])
            except AWAY as down:
                log.warning("gate.database_down", error=str(down))
                await self._drop()
                self._fail(one[1])
            except Exception as bug:
                log.exception("gate.member_failed")
                for future in one[1]:
                    if not future.done():
                        future.set_exception(bug)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _fail_all(self) -> None:
        """Answer everybody who waits."""
        self._fail([future for _, future in self._queue])
        self._queue.clear()

    def _fail(self, futures: Sequence[asyncio.Future[Row]]) -> None:
        for future in futures:
            if not future.done():
                future.set_exception(
                    Unavailable("The database is away. Send the same key again.")
                )
