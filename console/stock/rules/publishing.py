"""What shops show: states, when to look again, and whom a failure concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

TICK = timedelta(seconds=1)
"""How often what may be sold is compared with what shops were told."""
LOOK_SHARE = 5
"""A look that took long waits so many times as long for the next."""
BATCH = 500
PART = 100
LEASE = timedelta(seconds=60)
ROUND_S = 40.0
"""No call of a round begins later: its slowest calls still end within the lease."""
AUDIT_EVERY = timedelta(minutes=5)
"""What is shown is read again so often: somebody may have changed it at the shop."""
HOLD_MOST_S = 30.0
OLDEST = timedelta(seconds=30)
"""A change that waits for longer is an alarm."""
STALE = 2 * TICK
OURS_TO_SETTLE = frozenset({"auth", "quota", "unsupported", "unknown_connection"})
"""Failures no single SKU is guilty of: nothing is sent until a person did something."""
OF_THE_WHOLE_SHOP = frozenset({"unreachable", "rate_limited"})
"""Failures that may pass and say nothing of the SKUs that were sent."""
ALL_REFUSED = 20
"""So many SKUs refused in a round, and none taken: the shop is at fault, not they."""


class Publishing(StrEnum):
    """How far one SKU at one shop is.

    waiting: the shop is still to be told. shown: it was read back right. unknown: the
    shop does not sell it. failed: the shop refuses it; a person has to look.
    """

    WAITING = "waiting"
    SHOWN = "shown"
    UNKNOWN = "unknown"
    FAILED = "failed"


def look_due(looked_at: datetime | None, ms: int, now: datetime) -> bool:
    """True if it is time to compare again; two bells at once look once."""
    if looked_at is None:
        return True
    wait = max(TICK / 2, LOOK_SHARE * timedelta(milliseconds=ms))
    return now >= looked_at + wait


def stale_after(look: timedelta) -> timedelta:
    """How long a shop may show what has changed: two looks, of this length each."""
    return 2 * max(TICK, (LOOK_SHARE + 1) * look)


def hold_s(failures: int, asked: float | None) -> float:
    """Seconds to leave a shop alone: as it asked, else longer each time."""
    if asked is not None:
        return asked
    return float(min(HOLD_MOST_S, 2.0 ** min(failures, 10) / 2))


def concerns_shop(kind: str, *, refused: int = 0, taken: int = 0) -> bool:
    """True where a lasting failure is the connection's, not one SKU's."""
    return kind in OURS_TO_SETTLE or (refused >= ALL_REFUSED and not taken)
