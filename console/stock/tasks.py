"""Bells of this room."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.stock import operations


@shared_task(name="stock.sweep")
def sweep() -> None:
    """Tidy expired holds; they stopped counting when they expired."""
    operations.sweep(now=timezone.now())
