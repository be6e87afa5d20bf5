"""The catalogue as its page shows it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from console.stock.models import Sku

PER_PAGE = 50


def catalogue(text: str = "", *, page: str | int = 1) -> Page[Any]:
    """SKUs by code, each word of the text in code, name, category or brand."""
    return Paginator(skus(text), PER_PAGE).get_page(page)


def skus(text: str = "") -> QuerySet[Sku]:
    """Every SKU that is asked for, by code."""
    found = Sku.objects.order_by("code")
    for word in text.replace("\0", "").split():
        found = found.filter(
            Q(code__icontains=word)
            | Q(name__icontains=word)
            | Q(category__icontains=word)
            | Q(brand__icontains=word)
        )
    return found
