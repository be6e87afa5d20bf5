"""Who calls the gate: bearer tokens, read from the database every few seconds."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from decimal import Decimal

from console.errors import Refusal
from console.stock.links import Reader

FRESH_S = 3.0
"""A new or revoked token takes effect after so long at most."""
PATIENCE_S = 0.3
"""An unknown token makes us look again, but not more often than this."""
TOUCH_S = 60.0
_ALL = """
SELECT hash, id, client, scopes, extract(epoch FROM expires_at - clock_timestamp())
FROM stock_apitoken
"""
_TOUCH = "UPDATE stock_apitoken SET last_used_at = now() WHERE id = ANY (%s)"


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
        self._used: set[int] = set()

    async def client(self, header: bytes, scope: str) -> str:
        """The client a request comes from.

        Raises:
            TokenMissing, TokenUnknown, TokenExpired, ScopeMissing: why it may not.
        """
        token = await self._token(self._digest(header))
        if token.until <= time.monotonic():
            raise TokenExpired("The token's time is up. Issue a new one.")
        if scope not in token.scopes:
            raise ScopeMissing(f"The token lacks the scope {scope}.")
        self._used.add(token.id)
        return token.client

    async def _token(self, digest: bytes) -> Token:
        age = time.monotonic() - self._read_at
        found = self._known.get(digest)
        if age > (FRESH_S if found else PATIENCE_S):
            await self._read()
            found = self._known.get(digest)
        if found is None:
            raise TokenUnknown("The token is not known here, or was revoked.")
        return found

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

    async def _read(self) -> None:
        now = time.monotonic()
        self._known = {
            bytes(hash_): Token(id_, client, frozenset(scopes), _until(now, left))
            for hash_, id_, client, scopes, left in await self._reader.rows(_ALL)
        }
        self._read_at = time.monotonic()
        if self._used and self._read_at - self._touched_at > TOUCH_S:
            used, self._used = sorted(self._used), set()
            self._touched_at = self._read_at
            await self._reader.rows(_TOUCH, [used])


def _until(now: float, left_s: Decimal | None) -> float:
    return float("inf") if left_s is None else now + float(left_s)
