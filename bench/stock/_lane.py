"""The writer of the gate without HTTP: callers in one process that reserve from it."""

from __future__ import annotations

import asyncio
import time
import uuid
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.stock._shop import HOT

try:  # as granian does, which takes it where it is installed
    from uvloop import run
except ImportError:
    from asyncio import run

if TYPE_CHECKING:
    from console.stock.batch import Lane
    from console.stock.rules import Claim


@dataclass
class Taken:
    """When each reservation was answered, and how long it took, in seconds."""

    at: array[float] = field(default_factory=lambda: array("d"))
    took: array[float] = field(default_factory=lambda: array("d"))

    def note(self, since: float) -> None:
        """Add one that was asked then and is answered now."""
        now = time.perf_counter()
        self.at.append(now)
        self.took.append(now - since)


@asynccontextmanager
async def writer() -> AsyncIterator[Lane[Claim]]:
    """The reserving lane of a gate, closed in the end with all others of it."""
    from console.stock.batch import Lane
    from console.stock.gate import Gate

    gate = Gate()
    try:
        yield gate.reserving
    finally:
        for one in vars(gate).values():
            if isinstance(one, Lane):
                await one.close()


async def reserve(callers: int, more: Callable[[int], bool], taken: Taken) -> None:
    """So many callers reserve one unit after the other, each answer written down.

    more: told how many were begun, whether another one is.

    Raises:
        RuntimeError: one of them was refused.
    """
    from console.stock.rules import Item, claim

    begun, lines = 0, [Item("SKU-1", 1)]

    async def caller(lane: Lane[Claim]) -> None:
        nonlocal begun
        while more(begun):
            begun += 1
            key = uuid.uuid4().hex
            since = time.perf_counter()
            asked = claim("bench", key, campaign=HOT, buyer=key, lines=lines)
            outcome = (await lane.put(asked))[1]
            if outcome != "held":
                raise RuntimeError(f"a reservation ended as {outcome}")
            taken.note(since)

    async with writer() as lane, asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller(lane))


def rate(
    callers: int, *, seconds: float, together: int | None = None
) -> Sequence[float]:
    """Reservations a second, and their p50 and p99 in ms.

    together: how many share a transaction at most; None is as the gate has it.
    """
    from console.stock import batch

    taken, usual = Taken(), batch.MOST_TOGETHER
    batch.MOST_TOGETHER = usual if together is None else together
    began = time.perf_counter()
    until = began + seconds
    try:
        run(reserve(callers, lambda _: time.perf_counter() < until, taken))
    finally:
        batch.MOST_TOGETHER = usual
    return len(taken.at) / (taken.at[-1] - began), *percentiles(taken.took)


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 99th, in milliseconds."""
    ranked = sorted(seconds)
    places = (len(ranked) // 2, min(len(ranked) * 99 // 100, len(ranked) - 1))
    return ranked[places[0]] * 1000, ranked[places[1]] * 1000
