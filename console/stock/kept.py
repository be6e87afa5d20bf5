"""Answers for shop pages, kept for a moment, so that many who ask cost one read."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from console.stock.rules import BadRequest
from console.stock.rules.claims import check_text

KEPT_S = 0.25
"""The checkout always asks the ledger; a page may be this much behind."""
MOST = 1000


class Kept:
    """The last answers by what was asked; an answer of another moment is read again."""

    def __init__(self, read: Callable[..., Awaitable[bytes]]) -> None:
        """read: how to find an answer anew."""
        self._read = read
        self._answers: dict[tuple[str, ...], tuple[float, bytes]] = {}

    async def answer(self, asked: tuple[str, ...]) -> bytes:
        """The answer to this; its age counts from when it was asked for."""
        at, body = self._answers.get(asked, (float("-inf"), b""))
        if time.monotonic() - at > KEPT_S:
            at = time.monotonic()
            body = await self._read(*asked)
            if len(self._answers) > MOST:
                self._answers.clear()
            self._answers[asked] = (at, body)
        return body


def named(query: bytes, **longest: int) -> tuple[str, ...]:
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
