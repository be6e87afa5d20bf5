"""Who calls the gate: bearer tokens, read from the database every few seconds.

One read is for everybody, and beside the requests: while the last one is fresh nobody
waits, and while the database does not answer a known token goes on for a while.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass
from decimal import Decimal

import structlog

from console.errors import Refusal
from console.stock.links import Reader, Seats, Unavailable

SOON_S = 2.0
"""From this age on tokens are read again, beside those who use them."""
FRESH_S = 3.0
"""A new or revoked token takes effect after so long, if the database answers."""
SLOW_S = 0.5
"""So long a known token waits for a late read; then it counts as it did before."""
KEPT_S = 30.0
"""So long a known token counts while the database does not answer."""
PATIENCE_S = 0.3
"""An unknown token makes us look again, but not more often than this."""
TOUCH_S = 60.0
_ALL = """
SELECT hash, id, client, scopes, extract(epoch FROM expires_at - clock_timestamp())
FROM stock_apitoken
"""
_TOUCH = """
UPDATE stock_apitoken SET last_used_at = now() WHERE id IN (
    SELECT id FROM stock_apitoken WHERE id = ANY (%s) FOR UPDATE SKIP LOCKED)
"""
"""Who revokes a token is not waited for."""
log = structlog.get_logger(__name__)


class TokenMissing(Refusal):
    """No bearer token came with the request."""

    code = "token_missing"
    status = 401


class TokenUnknown(Refusal):
    """The token is not one of ours, or was revoked."""

    code = "token_unknown"
    status = 401


class TokenExpired(Refusal):
    """The token's time is up."""

    code = "token_expired"
    status = 401


class ScopeMissing(Refusal):
    """The token may not do this."""

    code = "scope_missing"
    status = 403


@dataclass(frozen=True)
class Token:
    """What a token allows; it ends at `until` of this process's monotonic clock."""

    id: int
    client: str
    scopes: frozenset[str]
    until: float


class Tokens:
    """All tokens of the installation, kept for seconds."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is read until somebody knocks."""
        self._reader = reader
        self._known: dict[bytes, Token] = {}
        self._digests: dict[bytes, bytes] = {}
        self._read_at = self._touched_at = float("-inf")
        self._began = self._not_before = 0.0
        self._reading: asyncio.Future[bool] | None = None
        self._seats = Seats()
        self._used: set[int] = set()

    async def client(self, header: bytes, scope: str) -> str:
        """The client a request comes from.

        Raises:
            TokenMissing, TokenUnknown, TokenExpired, ScopeMissing: why it may not.
            Unavailable: the database does not say who it is.
            Busy: too many wait for that.
        """
        digest = self._digest(header)
        token = self._known.get(digest)
        if token is None or time.monotonic() - self._read_at > SOON_S:
            token = await self._look(digest, known=token is not None)
        if token.until <= time.monotonic():
            raise TokenExpired("The token's time is up. Issue a new one.")
        if scope not in token.scopes:
            raise ScopeMissing(f"The token lacks the scope {scope}.")
        self._used.add(token.id)
        return token.client

    async def _look(self, digest: bytes, *, known: bool) -> Token:
        """Read again, and wait for it only where what was read is too old."""
        age = time.monotonic() - self._read_at
        if not known or age > KEPT_S:
            await self._until_read()
        else:
            reading = self._refresh()
            if age > FRESH_S:
                await self._until_late(reading)
        found = self._known.get(digest)
        if found is None:
            raise TokenUnknown("The token is not known here, or was revoked.")
        return found

    async def _until_read(self) -> None:
        """Wait for the database; a read that began long before us is not enough."""
        with self._seats:
            for _ in range(2):
                if time.monotonic() - self._read_at <= PATIENCE_S:
                    break
                if not await asyncio.shield(self._refresh()):
                    raise Unavailable("The database is away. Send the same key again.")

    async def _until_late(self, reading: asyncio.Future[bool]) -> None:
        left_s = self._began + SLOW_S - time.monotonic()
        if left_s > 0 and not reading.done():
            with self._seats:
                await asyncio.wait({reading}, timeout=left_s)

    def _refresh(self) -> asyncio.Future[bool]:
        """The one read there is; after one that failed the next comes in a moment."""
        reading = self._reading
        if reading is None or (reading.done() and time.monotonic() >= self._not_before):
            self._began = time.monotonic()
            reading = self._reading = asyncio.ensure_future(self._read())
        return reading

    def _digest(self, header: bytes) -> bytes:
        """The hash a header's token is kept under; hashing twice a second is enough."""
        digest = self._digests.get(header)
        if digest is None:
            kind, _, secret = header.partition(b" ")
            if kind.lower() != b"bearer" or not secret:
                raise TokenMissing("Send the header Authorization: Bearer <token>.")
            digest = hashlib.sha256(secret.strip()).digest()
            if len(self._digests) > 1000:
                self._digests.clear()
            self._digests[header] = digest
        return digest

    async def _read(self) -> bool:
        """Read all tokens; False if the database did not say."""
        began = time.monotonic()
        try:
            rows = await self._reader.rows(_ALL)
            self._known = {
                bytes(hash_): Token(id_, client, frozenset(scopes), _until(began, left))
                for hash_, id_, client, scopes, left in rows
            }
            self._read_at = began
            await self._touch()
        except Refusal:
            self._not_before = time.monotonic() + PATIENCE_S
        except Exception:
            log.exception("gate.tokens_failed")
            self._not_before = time.monotonic() + PATIENCE_S
        return self._read_at == began

    async def _touch(self) -> None:
        now = time.monotonic()
        if self._used and now - self._touched_at > TOUCH_S:
            used, self._used = sorted(self._used), set()
            self._touched_at = now
            await self._reader.rows(_TOUCH, [used])


def _until(now: float, left_s: Decimal | None) -> float:
    return float("inf") if left_s is None else now + float(left_s)
