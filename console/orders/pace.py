"""When the next call may be made, so that the other side's limit holds over there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from threading import Condition

SECOND = 1.0
CALM_S = 0.25


class Pace:
    """At most one call an interval, and at most `limit` in any second over there.

    A call that is under way, or ended less than a second ago, may have arrived within
    the last second: those together stay below the limit, however slow the network is.
    Monotonic, so a changed clock cannot rush it.
    """

    def __init__(
        self,
        interval_s: float,
        *,
        limit: int,
        first_in_s: float = 0.0,
        recent_s: Iterable[float] = (),
        until_s: float = 30.0,
    ) -> None:
        """Start the clock.

        first_in_s: seconds until the first call. recent_s: how long ago calls ended.
        until_s: no call begins after this many seconds.
        """
        self._interval_s, self._limit = interval_s, limit
        self._began = time.monotonic()
        self._next = self._began + max(0.0, first_in_s)
        self._last = self._began + until_s
        ends = sorted(self._began - ago for ago in recent_s if ago < SECOND)
        self._ends = deque(ends)
        self._flying = 0
        self._changed = Condition()

    def turn(self) -> bool:
        """Wait for the next turn; False if it would come too late."""
        with self._changed:
            while (now := time.monotonic()) <= self._last:
                wait = self._wait_s(now)
                if wait <= 0:
                    self._flying += 1
                    self._next = now + self._interval_s
                    return True
                if now + wait > self._last:
                    return False
                self._changed.wait(wait)
            return False

    def _wait_s(self, now: float) -> float:
        while self._ends and self._ends[0] <= now - SECOND:
            self._ends.popleft()
        if self._flying + len(self._ends) < self._limit:
            return self._next - now
        return self._ends[0] + SECOND - now if self._ends else CALM_S

    def ended(self) -> None:
        """A call has come to its end."""
        with self._changed:
            self._flying -= 1
            self._ends.append(time.monotonic())
            self._changed.notify()

    def free_in_s(self) -> float:
        """Seconds until another call may be made."""
        return self._next - time.monotonic()

    def recent_s(self) -> list[float]:
        """How long ago the calls of the last second ended."""
        now = time.monotonic()
        return [now - at for at in self._ends if at > now - SECOND]

    def spent_s(self) -> float:
        """Seconds since the round began."""
        return time.monotonic() - self._began
