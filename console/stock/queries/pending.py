"""Counts that wait for a second person."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator

from console.stock.models import PendingCount

ROWS = 20


def pending_counts(page: str = "1") -> Any:
    """A page of them, the oldest first, with what each level says now."""
    found = PendingCount.objects.filter(approved=None)
    named = found.select_related("level__sku", "level__location", "by")
    return Paginator(named.order_by("at", "pk"), ROWS).get_page(page)
