"""Paid units that are not there: how many are open, for how long, and which orders'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Q, Sum

from console.stock.models import Shortfall

if TYPE_CHECKING:
    from django.core.paginator import Page

ROWS = 20


@dataclass(frozen=True)
class Missing:
    """Paid units nobody has settled with their buyer. since: of the oldest.

    ever: shortfalls of the sale, settled or not.
    """

    units: int
    since: datetime | None
    ever: int


def missing(campaign: str) -> Missing:
    """What is open of a sale."""
    found = Shortfall.objects.filter(allocation__campaign=campaign)
    still = Q(resolved_at=None)
    told = found.aggregate(
        units=Sum("units", filter=still),
        since=Min("at", filter=still),
        ever=Count("pk"),
    )
    return Missing(told["units"] or 0, told["since"], told["ever"])


def shortfalls(campaign: str, page: str = "1") -> Page[Shortfall]:
    """A page of them: the open ones, the oldest first, then what was settled last."""
    found = Shortfall.objects.filter(allocation__campaign=campaign)
    named = found.select_related("allocation__sku", "resolved_by")
    order = (F("resolved_at").desc(nulls_first=True), "at", "pk")
    return Paginator(named.order_by(*order), ROWS).get_page(page)
