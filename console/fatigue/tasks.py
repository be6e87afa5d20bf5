"""The bell of this room: merge files of contacts, and renew the masks in memory."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.fatigue.contacts import masks, merging


@shared_task(name=merging.TASK)
def contacts() -> None:
    """Merge every waiting file to its end, then renew the masks that are behind."""
    while (file := merging.claim(now=timezone.now())) is not None:
        while merging.merge(file.pk, now=timezone.now()):
            pass
    for audience_id in masks.stale():
        masks.rebuild(audience_id)
