"""Stops calling a system that fails, and lets one call through to see if it is back.

Kept in the cache, so that all workers pause together and a restart forgets nothing;
without the cache nobody pauses.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from redis.exceptions import RedisError

from console.errors import OutsideFailure

cache = ConnectionProxy(caches, "shared")
FAILURES_MOST = 5
PAUSE_S = 15.0
FORGET_S = 3600
ONE_CALL_S = 12


@dataclass(frozen=True)
class Breaker:
    """The breaker of one connection.

    base_url: a connection that is pointed elsewhere starts anew.
    """

    name: str
    base_url: str

    def check(self) -> bool:
        """Let a call through; True if it must be told how it went.

        Raises:
            OutsideFailure: paused, for how long.
        """
        try:
            known = cache.get_many([self._until, self._count])
            until = known.get(self._until)
            if until is None:
                return bool(known)
            left = until - time.time()
            if left <= 0 and self._is_the_one(until):
                return True
        except RedisError:
            return False
        raise self._paused(max(left, 1.0))

    def _is_the_one(self, until: float) -> bool:
        """Take the one call to see; not if another was made since the pause was read.

        A call that fails sets the next pause before it gives the place free.
        """
        if not cache.add(self._one, 1, ONE_CALL_S):
            return False
        if cache.get(self._until) == until:
            return True
        cache.delete(self._one)
        return False

    def failed(self) -> None:
        """Count a failure; the fifth in a row pauses, as does the one to see."""
        try:
            cache.add(self._count, 0, FORGET_S)
            if cache.incr(self._count) >= FAILURES_MOST:
                cache.set(self._until, time.time() + PAUSE_S, FORGET_S)
                cache.delete(self._one)
        except (RedisError, ValueError):
            return

    def worked(self) -> None:
        """Forget the failures."""
        try:
            cache.delete_many([self._until, self._count, self._one])
        except RedisError:
            return

    def _paused(self, left_s: float) -> OutsideFailure:
        return OutsideFailure(
            f"{self.name} failed {FAILURES_MOST} times in a row, so calls pause. "
            f"The next one is in {left_s:.0f} s.",
            transient=True,
            kind="paused",
            retry_after_s=left_s,
        )

    @property
    def _stem(self) -> str:
        place = f"{self.name} {self.base_url}".encode()
        return f"breaker:{hashlib.sha256(place).hexdigest()[:16]}"

    @property
    def _until(self) -> str:
        return f"{self._stem}:until"

    @property
    def _count(self) -> str:
        return f"{self._stem}:count"

    @property
    def _one(self) -> str:
        return f"{self._stem}:one"


def paused(breakers: Iterable[Breaker]) -> set[str]:
    """The names of those that pause, or wait for the one call."""
    stems = {breaker._until: breaker.name for breaker in breakers}
    try:
        return {stems[key] for key in cache.get_many(stems)}
    except RedisError:
        return set()


def counts(failure: OutsideFailure) -> bool:
    """True if a failure says that the system is unwell.

    One that names a time to come back is well enough to say so.
    """
    unwell = failure.kind in ("unreachable", "failed")
    return unwell and failure.retry_after_s is None
