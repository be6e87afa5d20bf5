"""Shoppers who speak HTTP by hand, so that thousands of them fit into one thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

AGAIN = (429, 503)
"""Answers that say: nothing was decided, send the same key again."""


class NoAnswer(Exception):
    """The gate went away before it answered: it may have been done, or not."""


class TooLate(NoAnswer):
    """The gate did not answer in time."""


class Answer(NamedTuple):
    """Status, headers by their small name, and the body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def told(self) -> dict[str, Any]:
        """The body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Wire:
    """One connection to a gate, kept alive; after it broke, the next call dials."""

    def __init__(self, url: str, token: str, *, patience_s: float = 30.0) -> None:
        """Remember where; patience_s: how long an answer may take."""
        self._where = urlsplit(url)
        self._token = token
        self._patience_s = patience_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection, opened if it is not."""
        if self._streams is None:
            host, port = self._where.hostname, self._where.port
            self._streams = await asyncio.open_connection(host, port)
        return self._streams

    async def reserve(self, key: str, units: Mapping[str, int]) -> Answer:
        """Ask for units by SKU code, in a basket of its own buyer.

        Raises:
            NoAnswer, TooLate: ask again with the same key.
        """
        return await self._call(self.reservation(key, units))

    async def confirm(self, reservation: str, order: str) -> Answer:
        """Pay. Raises as `reserve`."""
        path = f"reservations/{reservation}/confirm"
        return await self._call(self._request(path, {"order": order}))

    async def release(self, reservation: str) -> Answer:
        """Give back. Raises as `reserve`."""
        return await self._call(self._request(f"reservations/{reservation}/release"))

    def reservation(self, key: str, units: Mapping[str, int]) -> bytes:
        """The bytes of a request for units."""
        lines = [{"sku": code, "units": count} for code, count in units.items()]
        body = {"campaign": "FS-1", "buyer": f"b-{key}", "lines": lines}
        return self._request("reservations", body, f"Idempotency-Key: {key}\r\n")

    async def hang_up(self, request: bytes, *, politely: bool) -> None:
        """Send a request and leave before the answer, with a word or without."""
        _, writer = await self.dial()
        writer.write(request)
        await writer.drain()
        if not politely:
            writer.transport.abort()
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        streams, self._streams = self._streams, None
        if streams:
            streams[1].close()

    def _request(self, path: str, body: object = None, more: str = "") -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"POST /api/gate/v1/{path} HTTP/1.1\r\nHost: {self._where.netloc}\r\n"
            f"Authorization: Bearer {self._token}\r\n{more}"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    async def _call(self, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._answer(request)
        except TimeoutError as late:
            self.close()
            raise TooLate(f"no answer within {self._patience_s} s") from late
        except (OSError, asyncio.IncompleteReadError) as gone:
            self.close()
            raise NoAnswer(str(gone)) from gone

    async def _answer(self, request: bytes) -> Answer:
        reader, writer = await self.dial()
        writer.write(request)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split()[1]), headers, body)


async def insist(wire: Wire, key: str, units: Mapping[str, int]) -> Answer:
    """Ask with the same key until the answer is a decision, as long as told to wait.

    Raises:
        NoAnswer: nobody answered.
    """
    while (answer := await wire.reserve(key, units)).status in AGAIN:
        await asyncio.sleep(float(answer.headers["retry-after"]))
    return answer
