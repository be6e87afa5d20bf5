"""A token bucket, for whoever in the pretend world limits a rate."""

from __future__ import annotations

import time


class Bucket:
    """Holds one second of its rate, at least one token."""

    def __init__(self) -> None:
        """Start full."""
        self.tokens, self.at = 1e9, time.monotonic()

    def take(self, rate: float) -> float:
        """Take one token; else the seconds until there is one, and take none."""
        now = time.monotonic()
        self.tokens = min(max(1.0, rate), self.tokens + (now - self.at) * rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / rate
