"""The bell's two strokes: look what is due, and do it; and a watch for silence."""

from __future__ import annotations

import threading

from celery import shared_task
from django.utils import timezone

from console.runbook import bell, operations, queries
from console.shell.silence import Silence

FAN_OUT = 8
"""Steps a worker process does at once; its other threads stay free for other tasks."""
HELPERS = 2
"""Whoever does a step calls this many more; so many steps are soon many hands' work."""

_hands = threading.BoundedSemaphore(FAN_OUT)


@shared_task(name=bell.TICK)
def tick() -> None:
    """Call a worker for each step that is due and that nobody holds.

    The claim is made by who does the work, so a call that is lost costs one tick and
    no lease.
    """
    silence.heard()
    due = queries.due(now=timezone.now(), limit=FAN_OUT)
    bell.ring(bell.RUN, times=due)


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
        bell.ring(bell.RUN, times=max(0, more))


silence = Silence("runbook-watch", run)
silence.watch_in_worker()
