"""Occasions, and which of them may still be renamed or taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from console.campaigns.models import Occasion
from console.campaigns.rules import State


@dataclass(frozen=True)
class Days:
    """Every occasion. to_come: from today on, the next first; past: the latest first.

    Each with `sales`, how many name it, and `settled`, how many were submitted.
    """

    to_come: list[Occasion]
    past: list[Occasion]


def days(today: date) -> Days:
    """The occasions as a person looks for them, in one query."""
    settled = Count("campaign", filter=~Q(campaign__state=State.DRAFT))
    rows = Occasion.objects.annotate(sales=Count("campaign"), settled=settled)
    found = list(rows.order_by("on", "name", "pk"))
    return Days(
        [one for one in found if one.on >= today],
        [one for one in reversed(found) if one.on < today],
    )
