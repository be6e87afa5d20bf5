"""The bell's two strokes: look what is due, and do one of it."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.runbook import bell, operations, queries

FAN_OUT = 8
"""Steps worked on at once for each look; the worker's other threads stay free."""


@shared_task(name=bell.TICK)
def tick() -> None:
    """Call a worker for each step that is due and that nobody holds.

    The claim is made by who does the work, so a call that is lost costs one tick and
    no lease.
    """
    for _ in range(queries.due(now=timezone.now(), limit=FAN_OUT)):
        run.apply_async(expires=bell.STALE_AFTER_S, retry=False)


@shared_task(name="runbook.run")
def run() -> None:
    """Claim one due step and run it; then look again, for others may come after it."""
    claims = operations.claim_due(now=timezone.now(), limit=1)
    for claim in claims:
        operations.run(claim, now=timezone.now())
    if claims:
        tick()
