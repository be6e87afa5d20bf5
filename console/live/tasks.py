"""The sampler's bell: twice a second."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.live import sampler
from console.shell.silence import Silence


@shared_task(name="live.sample")
def sample() -> None:
    """Take a snapshot of every running sale."""
    silence.heard()
    look()


def look() -> None:
    """The same, while nobody asks for it: a page then still shows the last one kept."""
    sampler.sample(now=timezone.now())


silence = Silence("sampler-watch", look)
silence.watch_in_worker()
