"""How each part of the pretend world did over the last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 15.0
MOST = 5000
UNWELL_SHARE = 0.05


class Gauge:
    """Latencies and failures of one part over the last 15 s.

    note: says in words what is wrong, empty if nothing is.
    """

    def __init__(self, note: Callable[[], str] = str) -> None:
        """Have seen nothing."""
        self.seen: deque[tuple[float, float, bool]] = deque(maxlen=MOST)
        self.note = note

    def add(self, ms: float, *, ok: bool) -> None:
        """Count one answer."""
        self.seen.append((time.monotonic(), ms, ok))

    def per_s(self) -> float:
        """Answers a second over the window."""
        return len(self._recent()) / WINDOW_S

    def told(self) -> dict[str, object]:
        """Percentiles and error share; null where nothing was seen."""
        recent = self._recent()
        times = sorted(ms for _, ms, _ in recent)
        failed = sum(not ok for _, _, ok in recent)
        share = failed / len(recent) if recent else 0.0
        note = self.note()
        return {
            "ok": not note and share < UNWELL_SHARE,
            "p50_ms": percentile(times, 0.50),
            "p95_ms": percentile(times, 0.95),
            "p99_ms": percentile(times, 0.99),
            "error_share": round(share, 4),
            "per_s": round(len(recent) / WINDOW_S, 2),
            "note": note or _said(len(recent), share),
        }

    def _recent(self) -> list[tuple[float, float, bool]]:
        since = time.monotonic() - WINDOW_S
        while self.seen and self.seen[0][0] < since:
            self.seen.popleft()
        return list(self.seen)


def percentile(ordered: list[float], share: float) -> float | None:
    """The value that this share of an ordered list does not pass; None for none."""
    if not ordered:
        return None
    place = min(len(ordered) - 1, int(len(ordered) * share))
    return round(ordered[place], 1)


def _said(count: int, share: float) -> str:
    if not count:
        return "Idle: no calls in the last 15 s"
    calls = f"{count} call{'s' * (count != 1)}"
    return f"{share:.0%} of {calls} failed" if share else f"{calls} in 15 s"
