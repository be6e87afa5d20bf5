"""The bell: tells the workers that something may be due. The table is the letterbox."""

from __future__ import annotations

import time

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TICK = "runbook.tick"
RUN = "runbook.run"
STALE_AFTER_S = 5
DEAF_S = 3.0
"""After a stroke nobody heard the next ones are left out for so long: each may take
seconds to fail, which whoever works through a list of steps does not have."""

log = structlog.get_logger(__name__)


_deaf_until = 0.0


def ring(
    task: str = TICK,
    *args: int | str,
    times: int = 1,
    expires: float | None = STALE_AFTER_S,
) -> None:
    """Ring; where nobody hears it, the next look finds the same rows.

    args: of the task. expires: seconds after which nobody needs to hear it any more.
    """
    global _deaf_until
    if time.monotonic() < _deaf_until:
        return
    try:
        for _ in range(times):
            current_app.send_task(task, args=args, retry=False, expires=expires)
    except (OperationalError, RedisError, OSError) as error:
        _deaf_until = time.monotonic() + DEAF_S
        log.warning("bell not heard", error=type(error).__name__)


def ring_after_commit() -> None:
    """Ring once what this transaction wrote can be seen."""
    transaction.on_commit(ring)
