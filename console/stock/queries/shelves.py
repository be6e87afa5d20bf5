"""Levels as the page lists them, and SKUs by what is typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum

from console.people.concerns import Concern
from console.stock.models import Level, Location, Sku

SORTS = {
    "sku": ("sku__code",),
    "location": ("location__name",),
    "on_hand": ("on_hand",),
    "free": ("free",),
    "counted": ("counted_at",),
}
SHOWS = {
    "": Q(),
    "empty": Q(free=0),
    "short": Q(
        on_hand__lt=F("committed") + F("allocated") + F("buffer") + F("policy_buffer")
    ),
}


def levels(
    *, q: str = "", location: Location | None = None, show: str = "", sort: str = "sku"
) -> QuerySet[Level]:
    """Levels by what is asked, in a stable order."""
    found = Level.objects.select_related("sku", "location").filter(SHOWS[show])
    if location:
        found = found.filter(location=location)
    if q:
        words = Q(sku__code__icontains=q) | Q(sku__name__icontains=q)
        found = found.filter(words | Q(sku__variant__icontains=q))
    down = sort.startswith("-")
    keys = SORTS.get(sort.lstrip("-"), SORTS["sku"])
    order = [f"-{key}" if down else key for key in keys]
    return found.order_by(*order, "sku__code", "location__name", "pk")


@dataclass(frozen=True)
class Place:
    """One location as the page lists it: SKUs with a level there, and their units."""

    pk: int
    name: str
    skus: int
    units: int


def locations() -> list[Place]:
    """Every location in the order sales take from them, by one query."""
    found = Location.objects.annotate(skus=Count("level"), units=Sum("level__on_hand"))
    rows = found.order_by("position", "pk")
    return [Place(one.pk, one.name, one.skus, one.units or 0) for one in rows]


def concern(codes: Iterable[str]) -> Concern:
    """The categories of SKUs, for the scopes of people; a SKU is of no market."""
    found = Sku.objects.filter(code__in=list(codes)).exclude(category="").order_by()
    return Concern(frozenset(found.values_list("category", flat=True)))


def categories() -> list[str]:
    """The name of every category some SKU is in, in order."""
    names = Sku.objects.exclude(category="").order_by("category")
    return list(names.values_list("category", flat=True).distinct())


def skus(text: str, *, limit: int = 5) -> list[Sku]:
    """The first SKUs whose code or name has this in it."""
    words = Q(code__icontains=text) | Q(name__icontains=text)
    return list(Sku.objects.filter(words).order_by("code")[:limit])
