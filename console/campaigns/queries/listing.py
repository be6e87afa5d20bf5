"""The list of campaigns: filtered, sorted, a page at a time, in few queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q

from console.campaigns.models import Campaign
from console.campaigns.rules import OVER, RUNNING, State

PER_PAGE = 25
GROUPS = {
    "": ("All", None),
    "draft": ("Drafts", [State.DRAFT]),
    "review": ("In review", [State.IN_REVIEW]),
    "planned": ("Planned", [State.APPROVED, State.ARMED]),
    "running": ("Running", sorted(RUNNING)),
    "over": ("Over", sorted(OVER)),
}
SORTS = {"name": "name", "opens_at": "opens_at", "state": "state", "units": "units"}


@dataclass(frozen=True)
class Wanted:
    """What a reader filters by; empty means everything."""

    group: str = ""
    audience: str = ""
    text: str = ""
    sort: str = "-opens_at"
    page: str = "1"


@dataclass(frozen=True)
class Listing:
    """One page of campaigns. groups: key, word, count and whether it is chosen."""

    page: Page[Any]
    groups: list[tuple[str, str, int, bool]]
    sort: str
    desc: bool


def listing(wanted: Wanted) -> Listing:
    """The campaigns a reader wants, and how many each group has."""
    found = _matching(wanted)
    sort, desc = wanted.sort.lstrip("-"), wanted.sort.startswith("-")
    column = SORTS.get(sort, "opens_at")
    order = F(column).desc(nulls_first=True) if desc else F(column).asc(nulls_last=True)
    states = GROUPS.get(wanted.group, GROUPS[""])[1]
    rows = found.filter(state__in=states) if states else found
    rows = rows.with_sums().select_related("audience", "occasion", "owner")
    page = Paginator(rows.order_by(order, "-pk"), PER_PAGE).get_page(wanted.page)
    return Listing(page, _groups(found, wanted.group), sort, desc)


def _matching(wanted: Wanted) -> Any:
    found = Campaign.objects.all()
    if wanted.audience:
        found = found.filter(audience__slug=wanted.audience)
    if wanted.text:
        words = Q(name__icontains=wanted.text) | Q(code__icontains=wanted.text)
        found = found.filter(words | Q(category__icontains=wanted.text))
    return found


def _groups(found: Any, chosen: str) -> list[tuple[str, str, int, bool]]:
    counts = {
        key or "all": Count("pk", filter=Q(state__in=states) if states else Q())
        for key, (_, states) in GROUPS.items()
    }
    told = found.order_by().aggregate(**counts)
    return [
        (key, word, told[key or "all"], key == chosen)
        for key, (word, _) in GROUPS.items()
    ]


def search(text: str, *, limit: int = 5) -> list[Campaign]:
    """Campaigns whose code or name has these letters, the newest first."""
    words = Q(name__icontains=text) | Q(code__icontains=text)
    return list(Campaign.objects.filter(words).order_by("-opens_at", "-pk")[:limit])


def active() -> int:
    """How many campaigns are not over."""
    over = [state.value for state in OVER]
    return int(Campaign.objects.exclude(state__in=over).count())
