"""What this process knows to be sold out: who comes too late costs little.

A sale ends with far more requests than units. A SKU that a batch found empty is looked
up once more; then its requests are refused here and never reach the database, until

- a unit comes back: the database tells it (`LISTEN stock_back`, sql/back.sql),
- the first of its unpaid holds expires, by the database's clock,
- or `LONGEST_S` have passed, whatever was heard.

A retry of a request that was granted in the sale is not refused: its key is known.
Nothing is ever granted here, so a process that knows nothing is only slower.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import psycopg
import structlog

from console.stock.links import Reader, Unavailable, connect
from console.stock.messages import Asked
from console.stock.rules import LONGEST_TTL_S, MOST_LINES, MOST_UNITS, key_digest

LONGEST_S = 2.0
"""The longest a flag holds, should the connection that lifts it be dead."""
PAUSE_S = 0.05
"""Between two looks: many SKUs that sell out together are one."""
AGAIN_S = 1.0
PROOF_S = 5.0
Key = tuple[str, str]
log = structlog.get_logger(__name__)

_EMPTY = """
SELECT a.id, a.campaign, k.code,
       coalesce(extract(epoch FROM e.first - clock_timestamp())::float8, 'infinity')
FROM unnest(%s::text[], %s::text[]) AS w (campaign, code)
JOIN stock_sku k ON k.code = w.code
JOIN stock_allocation a ON a.sku_id = k.id AND a.campaign = w.campaign
JOIN stock_salegate g ON g.campaign = a.campaign AND g.state = 'open'
CROSS JOIN LATERAL (
    SELECT min(l.expires_at) AS first FROM stock_reservationline l
    WHERE l.allocation_id = a.id AND l.held
) e
WHERE a.sellable = 0 AND a.returned_at IS NULL AND a.state = 'open'
"""
_GRANTED = """
SELECT string_agg(substr(uuid_send(digest), 1, 8), ''), max(made_at)
FROM stock_reservation WHERE campaign = %s
  AND made_at > coalesce(%s::timestamptz, '-infinity') - interval '10 s'
"""
"""What was granted since the last look; written at most 5 s after it was made."""


class Granted:
    """The first 64 bits of the digests of a sale's reservations: 8 MB a million."""

    def __init__(self) -> None:
        """None are known."""
        self._known = np.empty(0, dtype=np.uint64)
        self._view: Sequence[int] = self._known.data
        self.newest: object = None

    def add(self, digests: bytes, newest: object) -> None:
        """Add digests of eight bytes each, known or not; another thread may do it."""
        told = np.frombuffer(digests, dtype=">u8").astype(np.uint64)
        new = np.setdiff1d(told, self._known)
        if new.size:
            self._known = np.union1d(self._known, new)
            self._view = self._known.data
        self.newest = newest

    def __contains__(self, spelled: str) -> bool:
        """Whether a reservation of it was granted; one in 2^60 is a mistake."""
        wanted = int(spelled[:8] + spelled[9:13] + spelled[14:18], 16)
        view = self._view
        at = bisect_left(view, wanted)
        return at < len(view) and view[at] == wanted


def _odd(asked: Asked) -> bool:
    """Whether a number of it cannot be."""
    ttl_s = 1 if asked.ttl_s is None else asked.ttl_s
    return (
        len(asked.lines) > MOST_LINES
        or not 1 <= ttl_s <= LONGEST_TTL_S
        or any(not 1 <= line.units <= MOST_UNITS for line in asked.lines)
    )


class SoldOut:
    """The flags of one process, and the two tasks that set and lift them."""

    def __init__(self, conninfo: str) -> None:
        """Know nothing, and listen as soon as a SKU is seen empty."""
        self._conninfo = conninfo
        self._reader = Reader(conninfo)
        self._until: dict[Key, float] = {}
        self._keys: dict[str, Key] = {}
        self._granted: dict[str, Granted] = {}
        self._seen: set[Key] = set()
        self._bell = asyncio.Event()
        self._ear = self._ears = 0
        self._heard: set[str] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def refuses(self, asked: Asked, client: str, key: str) -> int | None:
        """The place of a line for which this request is known to come too late.

        One with a number that cannot be, or without a key, is not refused here: a claim
        says what is wrong. What is wrong with its texts is not looked at.
        """
        if not self._until:
            return None
        now = time.monotonic()
        for place, line in enumerate(asked.lines):
            if self._until.get((asked.campaign, line.sku), 0.0) > now:
                if not (key and 0 < line.units <= MOST_UNITS) or (
                    (len(asked.lines) > 1 or asked.ttl_s is not None) and _odd(asked)
                ):
                    return None
                granted = self._granted[asked.campaign]
                again = key_digest(client, asked.buyer, key) in granted
                return None if again else place
        return None

    def saw(self, campaign: str, code: str) -> None:
        """A batch found nothing left of this SKU: look whether that lasts."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [
                loop.create_task(self._look()),
                loop.create_task(self._hear()),
            ]
        self._seen.add((campaign, code))
        self._bell.set()

    async def close(self) -> None:
        """Stop looking and listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _look(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            seen, self._seen = sorted(self._seen), set()
            try:
                if self._ear:
                    await self._flag(seen)
            except Unavailable:
                pass
            except Exception:
                log.exception("gate.sold_out_failed")
            self._heard = None
            await asyncio.sleep(PAUSE_S)

    async def _flag(self, seen: Sequence[Key]) -> None:
        """Flag those that are empty, unless something was heard of them meanwhile."""
        began, ear = time.monotonic(), self._ear
        heard = self._heard = set[str]()
        rows = await self._reader.rows(
            _EMPTY, [list(x) for x in zip(*seen, strict=True)]
        )
        for campaign in {row[1] for row in rows}:
            await self._learn(campaign)
        if self._ear != ear:
            return
        for id_, campaign, code, first_s in rows:
            if not heard & {str(id_), f"gate {campaign}"}:
                self._keys[str(id_)] = (campaign, code)
                self._until[campaign, code] = began + min(first_s, LONGEST_S)

    async def _learn(self, campaign: str) -> None:
        """Know every reservation that was granted in this sale so far."""
        granted = self._granted.setdefault(campaign, Granted())
        ((ids, newest),) = await self._reader.rows(_GRANTED, [campaign, granted.newest])
        if ids:
            await asyncio.to_thread(granted.add, ids, newest)

    async def _hear(self) -> None:
        """Listen for as long as the process lives; who cannot hear knows nothing."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, TimeoutError) as down:
                log.warning("gate.deaf", error=str(down))
            except Exception:
                log.exception("gate.deaf")
            self._ear = 0
            self._until.clear()
            self._keys.clear()
            self._granted.clear()
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        connection = await connect(self._conninfo)
        async with connection:
            await connection.execute("LISTEN stock_back")
            self._ears += 1
            self._ear = self._ears
            while True:
                async for told in connection.notifies(timeout=PROOF_S):
                    self._lift(told.payload)
                async with asyncio.timeout(PROOF_S):
                    await connection.execute("SELECT 1")

    def _lift(self, told: str) -> None:
        """Forget a SKU of which something is back, or all of a gate that changed."""
        if self._heard is not None:
            self._heard.add(told)
        if told in self._keys:
            self._until.pop(self._keys.pop(told), None)
        elif told.startswith("gate "):
            self._forget(told.removeprefix("gate "))

    def _forget(self, campaign: str) -> None:
        self._granted.pop(campaign, None)
        for told, key in list(self._keys.items()):
            if key[0] == campaign:
                del self._keys[told]
                self._until.pop(key, None)
