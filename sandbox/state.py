"""What the pretend world remembers: one SQLite file, written in small batches."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

BATCH_S = 0.01
IDLE_S = 0.25
AGAIN_S = 1.0
log = logging.getLogger(__name__)
Batch = dict[tuple[str, str], str | None]

CREATE = """
create table if not exists kept (
    kind text not null, name text not null, value text not null,
    primary key (kind, name)
) without rowid
"""
PUT = "insert or replace into kept (kind, name, value) values (?, ?, ?)"
DROP = "delete from kept where kind = ? and name = ?"


class Store:
    """Named JSON values of a kind. Memory leads; the file follows within a batch."""

    def __init__(self, path: str = "", *, before: Store | None = None) -> None:
        """Open the file, private to its owner; without one nothing outlives us.

        before: the store of this file until now.
        """
        self.link: sqlite3.Connection = before.link if before else _opened(path)
        self.writing = threading.Lock()
        self.over = False
        self.dirty: Batch = {}
        self.waiting: list[asyncio.Future[None]] = []
        self.bell = asyncio.Event()

    def load(self, kind: str) -> dict[str, Any]:
        """Everything of a kind, by name."""
        rows = self.link.execute("select name, value from kept where kind = ?", [kind])
        return {name: json.loads(value) for name, value in rows}

    def put(self, kind: str, name: str, value: object) -> None:
        """Keep a value; it is safe once `saved` returns, or a moment later."""
        self.dirty[kind, name] = json.dumps(value, separators=(",", ":"))

    def drop(self, kind: str, name: str) -> None:
        """Forget a value."""
        self.dirty[kind, name] = None

    async def anew(self) -> Store:
        """An empty store on the same file; what is put into this one later is lost."""
        await self.saved()
        with self.writing, self.link:
            self.over = True
            self.link.execute("delete from kept")
        self._tell(self.waiting)
        return Store(before=self)

    async def saved(self) -> None:
        """Wait until what was put so far survives us; callers share a batch."""
        if self.over:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        self.bell.set()
        await waiter

    async def run(self) -> None:
        """Write batch after batch, at once when somebody waits, else now and then."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), IDLE_S)
                await asyncio.sleep(BATCH_S)
            if self.dirty or self.waiting:
                await self._next()

    async def _next(self) -> None:
        """Write one batch; if that fails, keep it and tell nobody it is safe."""
        self.bell.clear()
        batch, self.dirty = self.dirty, {}
        waiting, self.waiting = self.waiting, []
        try:
            await asyncio.to_thread(self._write, batch)
        except sqlite3.Error as error:
            log.error("The state file cannot be written: %s", error)
            self.dirty = batch | self.dirty
            self.waiting = waiting + self.waiting
            return await asyncio.sleep(AGAIN_S)
        self._tell(waiting)

    @staticmethod
    def _tell(waiting: list[asyncio.Future[None]]) -> None:
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Write what is left."""
        self._write(self.dirty)
        self.link.close()

    def _write(self, batch: Batch) -> None:
        gone = [key for key, value in batch.items() if value is None]
        kept = [(*key, value) for key, value in batch.items() if value is not None]
        with self.writing, self.link:
            if self.over:
                return
            self.link.executemany(PUT, kept)
            self.link.executemany(DROP, gone)


def _opened(path: str) -> sqlite3.Connection:
    if path:
        Path(path).touch(mode=0o600)
    link = sqlite3.connect(path or ":memory:", check_same_thread=False)
    link.execute("pragma journal_mode = wal")
    link.execute("pragma synchronous = normal")
    link.execute(CREATE)
    link.commit()
    return link
