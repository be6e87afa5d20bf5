"""The sampler's bell: twice a second."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.live import sampler


@shared_task(name="live.sample")
def sample() -> None:
    """Take a snapshot of every running sale."""
    sampler.sample(now=timezone.now())
