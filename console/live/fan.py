"""One subscription a process; every watcher has a slot that holds the newest frame."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from typing import cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from console.live.channel import PREFIX

log = structlog.get_logger(__name__)

RETRY_S = (0.1, 0.2, 0.5, 1.0)


class Slot:
    """What one watcher gets next: the newest frame; older ones are overwritten."""

    __slots__ = ("_event", "_frame", "ended")

    def __init__(self) -> None:
        """Begin empty."""
        self._event = asyncio.Event()
        self._frame: bytes | None = None
        self.ended = False

    def put(self, frame: bytes) -> None:
        """Set the newest frame; never waits."""
        self._frame = frame
        self._event.set()

    def end(self) -> None:
        """Nothing more will come; whoever waits is woken."""
        self.ended = True
        self._event.set()

    async def take(self, within_s: float) -> bytes | None:
        """The newest frame not yet taken; None if none came in time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), within_s)
        self._event.clear()
        frame, self._frame = self._frame, None
        return frame


class Fan:
    """Hands each published frame to all who watch its campaign.

    The subscription starts with the first watcher and mends itself.
    """

    def __init__(self, connect: Callable[[], Redis]) -> None:
        """connect: makes a client; called again after each failure."""
        self._connect = connect
        self._slots: defaultdict[str, set[Slot]] = defaultdict(set)
        self._last: dict[str, bytes] = {}
        self._reader: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        """How many watch."""
        return sum(len(slots) for slots in self._slots.values())

    async def open(self, campaign: str) -> Slot:
        """A slot that already holds the last frame, if there is one."""
        self._start()
        slot = Slot()
        self._slots[campaign].add(slot)
        last = self._last.get(campaign) or await self._kept(campaign)
        if last and slot._frame is None:
            slot.put(last)
        return slot

    def close(self, campaign: str, slot: Slot) -> None:
        """Forget a watcher; the last one of a campaign takes its frame along."""
        self._slots[campaign].discard(slot)
        if not self._slots[campaign]:
            del self._slots[campaign]
            self._last.pop(campaign, None)

    def end(self) -> None:
        """End every stream and the subscription."""
        for slots in self._slots.values():
            for slot in slots:
                slot.end()
        if self._reader is not None:
            self._reader.cancel()

    def _start(self) -> None:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_for_ever())

    async def _kept(self, campaign: str) -> bytes | None:
        try:
            async with self._connect() as client:
                return cast(bytes | None, await client.get(f"{PREFIX}{campaign}"))
        except (RedisError, OSError):
            return None

    async def _read_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                async with self._connect() as client:
                    await self._read(client)
                failures = 0
            except (RedisError, OSError) as error:
                log.warning("stream source lost", error=type(error).__name__)
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1

    async def _read(self, client: Redis) -> None:
        async with client.pubsub(ignore_subscribe_messages=True) as source:
            await source.psubscribe(f"{PREFIX}*")
            await self._catch_up()
            async for message in source.listen():
                campaign = message["channel"].decode().removeprefix(PREFIX)
                self._deal(campaign, message["data"])

    async def _catch_up(self) -> None:
        """Deal what was published while nobody listened."""
        for campaign in list(self._slots):
            if frame := await self._kept(campaign):
                self._deal(campaign, frame)

    def _deal(self, campaign: str, frame: bytes) -> None:
        slots = self._slots.get(campaign)
        if not slots:
            return
        if self._last.get(campaign) == frame:
            return
        self._last[campaign] = frame
        for slot in slots:
            slot.put(frame)
