"""The bells of this room: sample twice a second, forget old samples now and then."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.live import operations, probes, sampler
from console.shell.silence import Silence


@shared_task(name="live.sample")
def sample() -> None:
    """Take a snapshot of every running sale."""
    silence.heard()
    look()


def look() -> None:
    """The same, while nobody asks for it: a page then still shows the last one kept."""
    now = timezone.now()
    sampler.sample(now=now, health=probes.watch.latest(now=now))


@shared_task(name="live.prune")
def prune() -> None:
    """Forget boards that are a month old, some at a time."""
    operations.prune_samples(now=timezone.now())


silence = Silence("sampler-watch", look)
silence.watch_in_worker()
