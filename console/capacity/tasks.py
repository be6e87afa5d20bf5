"""Bells of this room: look at the groups."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.capacity import watching


@shared_task(name="capacity.look")
def look() -> None:
    """Read every group, so that drift is seen while a sale runs."""
    watching.look(now=timezone.now())
