"""The bell's two strokes: look what is due, and do it; and a watch for silence."""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from console.runbook import bell, operations, queries

FAN_OUT = 8
"""Steps a worker process does at once; its other threads stay free for other tasks."""
HELPERS = 2
"""Whoever does a step calls this many more; so many steps are soon many hands' work."""
QUIET_S = 3.0
"""Without a tick for this long, broker or beat is gone and the worker looks itself."""

log = structlog.get_logger(__name__)
_heard_at = time.monotonic()
_hands = threading.BoundedSemaphore(FAN_OUT)


@shared_task(name=bell.TICK)
def tick() -> None:
    """Call a worker for each step that is due and that nobody holds.

    The claim is made by who does the work, so a call that is lost costs one tick and
    no lease.
    """
    global _heard_at
    _heard_at = time.monotonic()
    bell.ring(bell.RUN, queries.due(now=timezone.now(), limit=FAN_OUT))


@shared_task(name=bell.RUN)
def run() -> None:
    """Do what is due, one step after the other; others are called to help."""
    if not _hands.acquire(blocking=False):
        return
    try:
        _work()
    finally:
        _hands.release()


def _work() -> None:
    while claims := operations.claim_due(now=timezone.now(), limit=1):
        for claim in claims:
            operations.run(claim, now=timezone.now())
        more = queries.due(now=timezone.now(), limit=HELPERS + 1) - 1
        bell.ring(bell.RUN, max(0, more))


@worker_ready.connect
def _keep_watch(**_: Any) -> None:
    threading.Thread(target=watch, name="runbook-watch", daemon=True).start()


def watch(every_s: float = 1.0, quiet_s: float = QUIET_S) -> None:
    """Look at the table by itself while the bell is silent, for as long as it lives."""
    while True:
        time.sleep(every_s)
        if time.monotonic() - _heard_at > quiet_s:
            _look()


def _look() -> None:
    close_old_connections()
    try:
        run()
    except DatabaseError as error:
        log.warning("cannot look", error=str(error))
