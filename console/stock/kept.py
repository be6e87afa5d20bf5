"""Answers for shop pages, kept for a moment, so that many who ask cost one read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from console.stock.links import Seats
from console.stock.rules import BadRequest
from console.stock.rules.claims import check_text

KEPT_S = 0.25
"""The checkout always asks the ledger; a page may be this much behind."""
MOST = 1000
Asked = tuple[str, ...]


class Kept:
    """The last answers by what was asked; an answer of another moment is read again.

    Who asks while an answer is being read waits for that one: a read never begins
    before the one before it ended, however many ask.
    """

    def __init__(self, read: Callable[..., Awaitable[bytes]]) -> None:
        """read: how to find an answer anew."""
        self._read = read
        self._answers: dict[Asked, tuple[float, bytes]] = {}
        self._reading: dict[Asked, asyncio.Task[bytes]] = {}
        self._seats = Seats()

    async def answer(self, asked: Asked) -> bytes:
        """The answer to this, at most KEPT_S older than the read that found it.

        Raises:
            As the read does, to everybody who waits for it.
            Busy: too many wait.
        """
        at, body = self._answers.get(asked, (float("-inf"), b""))
        if time.monotonic() - at <= KEPT_S:
            return body
        with self._seats:
            running = self._reading.get(asked)
            if running is None:
                running = asyncio.ensure_future(self._fill(asked))
                self._reading[asked] = running
            return await asyncio.shield(running)

    async def _fill(self, asked: Asked) -> bytes:
        try:
            body = await self._read(*asked)
            if len(self._answers) > MOST:
                self._answers.clear()
            self._answers[asked] = (time.monotonic(), body)
            return body
        finally:
            del self._reading[asked]


def named(query: bytes, **longest: int) -> Asked:
    """The values of an address's query, in the order they are asked for.

    longest: the name of each, and how many characters it may have.

    Raises:
        BadRequest: one is missing, there twice, or no text.
    """
    try:
        told = parse_qs(query.decode("ascii"), max_num_fields=10)
    except ValueError:
        told = {}
    for name, most in longest.items():
        if len(told.get(name, [])) != 1:
            raise BadRequest(f"Name one {name}: ?{name}=…", field=name)
        check_text(name, told[name][0], most)
    return tuple(told[name][0] for name in longest)
