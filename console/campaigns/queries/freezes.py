"""The freezes that stand in the way of a campaign, and the campaigns one would hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import footprints
from console.campaigns.queries.footprints import Touch
from console.campaigns.rules import OVER, SUSPENDABLE, State
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


def key(one: Freeze) -> str:
    """Names it as it is: once it holds at another time, it is another."""
    return f"freeze {one.pk} {one.starts_at.isoformat()} {one.ends_at.isoformat()}"


LISTED = 500
"""Sales of its period that are looked at."""
_BEFORE = {
    State.DRAFT: "cannot be submitted for that time without an override",
    State.IN_REVIEW: "is not armed, even once it is approved",
    State.APPROVED: "is not armed",
}


@dataclass(frozen=True)
class Hit:
    """A sale that a freeze would concern, and what it would do to it."""

    campaign: Campaign

    @property
    def suspended(self) -> bool:
        """True if it would be suspended at once."""
        return self.campaign.state in SUSPENDABLE

    @property
    def text(self) -> str:
        """`Armed: is suspended as soon as you save`."""
        state = State(self.campaign.state)
        does = "is suspended as soon as you save" if self.suspended else "goes on"
        return f"{state.label}: {_BEFORE.get(state, does)}"


def hits(
    start: datetime, end: datetime, *, category: str = "", markets: Sequence[str] = ()
) -> list[Hit]:
    """The sales that would run during [start, end) and that a freeze would concern.

    category, markets: only sales of it, and in one of them by code; all if empty. The
    first 500 of the period are looked at, those that open first.
    """
    found = Campaign.objects.filter(opens_at__lt=end, closes_at__gt=start)
    found = found.exclude(state__in=sorted(OVER)).order_by("opens_at", "pk")
    there = list(found.select_related("audience", "footprint")[:LISTED])
    touches = footprints.known(there)
    return [Hit(one) for one in there if _meets(touches[one.pk], category, markets)]


def _meets(touch: Touch, category: str, markets: Sequence[str]) -> bool:
    """What `in_the_way` asks of freezes that are kept."""
    shelves = [scope.name for scope in touch.reach if scope.kind is Kind.CATEGORY]
    if category and category not in shelves:
        return False
    return not markets or not set(markets).isdisjoint(touch.markets)
