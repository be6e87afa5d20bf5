"""The bell of this room: closed sales without a result."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from console.report import operations


@shared_task(name="report.freeze")
def freeze() -> None:
    """Freeze the reports of sales that closed since."""
    operations.freeze_due(now=timezone.now())
