"""The freezes that stand in the way of a campaign."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from console.campaigns.models import Freeze
from console.campaigns.queries.footprints import Touch
from console.fatigue.rules import Kind
from console.shell import formats


def in_the_way(touch: Touch, start: datetime, end: datetime) -> list[Freeze]:
    """The freezes of everything, or of its shelves and markets, during [start, end).

    One that names markets leaves a shop without markets alone.
    """
    shelves = [scope.name for scope in touch.reach if scope.kind is Kind.CATEGORY]
    found = Freeze.objects.during(start, end)
    found = found.filter(Q(category="") | Q(category__in=shelves))
    return list(found.filter(Q(markets=[]) | Q(markets__overlap=touch.markets)))


def said(one: Freeze, *, at: datetime) -> str:
    """`Frozen until Sun 29 Nov, 00:00: ERP migration`. at: when the sale would open."""
    return f"Frozen until {formats.moment(one.ends_at, now=at)}: {one.name}"
