"""Do orders go out? Asked by the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from console.orders import queries
from console.shell.health import Awake, Check, check

OLDEST = timedelta(seconds=60)


@check
def relay(now: datetime) -> Iterable[Check]:
    """No order waits for long; the age of the oldest tells."""
    backlog = queries.backlog(now=now)
    waits = now - backlog.oldest_at if backlog.oldest_at else timedelta()
    if waits <= OLDEST:
        return [Check("Order relay", Awake.OK, f"{backlog.waiting:,} waiting", at=now)]
    why = ", ".join([*backlog.paused, *backlog.held]) or "the backlog is long"
    fix = "See Orders: resume the destination, raise its rate, or wait for it."
    told = f"{backlog.waiting:,} waiting: {why}"
    return [Check("Order relay", Awake.LATE, told, fix, at=backlog.oldest_at)]
