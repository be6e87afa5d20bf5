"""The bells of this room: sample twice a second, forget old samples now and then."""

from __future__ import annotations

import threading

import structlog
from celery import shared_task
from django.utils import timezone

from console.live import operations, probes, sampler
from console.shell.silence import Silence

PATIENCE_S = 10.0
"""A snapshot that takes longer hangs; the next bell looks whether it ended."""
log = structlog.get_logger(__name__)
_turn = threading.Lock()
_waiting = threading.Lock()


@shared_task(name="live.sample")
def sample() -> None:
    """Take a snapshot of every running sale."""
    silence.heard()
    look()


def look() -> None:
    """The same, while nobody asks for it: a page then still shows the last one kept.

    Whoever comes while one is taken waits and takes the next: what happened after that
    one began would else not be seen before the bell after. A third has nothing to do.
    """
    if not _waiting.acquire(blocking=False):
        return
    try:
        ours = _turn.acquire(timeout=PATIENCE_S)
    finally:
        _waiting.release()
    if not ours:
        log.warning("sampler.hangs", seconds=PATIENCE_S)
        return
    try:
        now = timezone.now()
        sampler.sample(now=now, health=probes.watch.latest(now=now))
    finally:
        _turn.release()


@shared_task(name="live.prune")
def prune() -> None:
    """Forget boards that are a month old, some at a time."""
    operations.prune_samples(now=timezone.now())


silence = Silence("sampler-watch", look)
silence.watch_in_worker()
