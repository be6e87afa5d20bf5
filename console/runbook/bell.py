"""The bell: tells the workers that something may be due. The table is the letterbox."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TICK = "runbook.tick"
STALE_AFTER_S = 5

log = structlog.get_logger(__name__)


def ring() -> None:
    """Ring once; where nobody hears it, the next tick finds the same rows."""
    try:
        current_app.send_task(TICK, retry=False, expires=STALE_AFTER_S)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("bell not heard", error=type(error).__name__)


def ring_after_commit() -> None:
    """Ring once what this transaction wrote can be seen."""
    transaction.on_commit(ring)
