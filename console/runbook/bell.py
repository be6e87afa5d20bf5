"""The bell: tells the workers that something may be due. The table is the letterbox."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TICK = "runbook.tick"
RUN = "runbook.run"
STALE_AFTER_S = 5

log = structlog.get_logger(__name__)


def ring(
    task: str = TICK,
    *args: int | str,
    times: int = 1,
    expires: float | None = STALE_AFTER_S,
) -> None:
    """Ring; where nobody hears it, the next look finds the same rows.

    args: of the task. expires: seconds after which nobody needs to hear it any more.
    """
    try:
        for _ in range(times):
            current_app.send_task(task, args=args, retry=False, expires=expires)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("bell not heard", error=type(error).__name__)


def ring_after_commit() -> None:
    """Ring once what this transaction wrote can be seen."""
    transaction.on_commit(ring)
