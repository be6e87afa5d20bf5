"""Bells of this room: ask every connection for a sign of life now and then."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.providers import operations, queries


@shared_task(name="providers.test_all")
def test_all() -> None:
    """Test every connection that is switched on, so that its state has a fresh age."""
    for pk in queries.enabled_ids():
        operations.test(pk, now=timezone.now())
