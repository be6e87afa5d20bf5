"""The ledger of one SKU, a page at a time, with its checkouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from console.stock.models import Location, Movement
from console.stock.rules import Account

PAGE = 25
KINDS = {"": "All entries", "checkouts": "Checkouts", "others": "All but checkouts"}
COLUMNS = (
    "id",
    "at",
    "units",
    "source",
    "target",
    "location__name",
    "allocation__campaign",
    "reservation",
    "actor__username",
    "reason",
)


@dataclass(frozen=True)
class Wanted:
    """Which entries. 0 or nothing is any.

    kind: of KINDS. before, after: entries older, or newer, than this one.
    """

    sku: int
    allocation: int = 0
    location: int = 0
    account: str = ""
    kind: str = ""
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class EntryPage:
    """Entries, newest first. older, newer: what to ask for next, 0 where none is."""

    entries: Sequence[Movement]
    older: int
    newer: int


def _found(wanted: Wanted) -> QuerySet[Movement]:
    found = Movement.objects.filter(sku=wanted.sku)
    if wanted.allocation:
        found = found.filter(allocation=wanted.allocation)
    if wanted.location:
        found = found.filter(location=wanted.location)
    if wanted.account in set(Account):
        found = found.filter(Q(source=wanted.account) | Q(target=wanted.account))
    if wanted.kind in KINDS and wanted.kind:
        found = found.filter(reservation__isnull=wanted.kind == "others")
    return found


def entry_page(wanted: Wanted) -> EntryPage:
    """A page of what is wanted; it is the same however many come in meanwhile."""
    found = _found(wanted).select_related("location", "allocation", "actor")
    if wanted.after:
        later = list(found.filter(pk__gt=wanted.after).order_by("pk")[: PAGE + 1])
        page, more = later[:PAGE][::-1], len(later) > PAGE
        return EntryPage(page, _edge(page, -1), _edge(page, 0) if more else 0)
    if wanted.before:
        found = found.filter(pk__lt=wanted.before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    page, more = rows[:PAGE], len(rows) > PAGE
    older = _edge(page, -1) if more else 0
    return EntryPage(page, older, _edge(page, 0) if wanted.before else 0)


def _edge(page: Sequence[Movement], place: int) -> int:
    return page[place].pk if page else 0


def entry_rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """All of what is wanted as COLUMNS, the oldest first, streamed."""
    rows = _found(wanted).order_by("pk").values_list(*COLUMNS)
    yield from rows.iterator(chunk_size=2_000)


def places_of(sku: int) -> list[Location]:
    """Where there is, or was, some of a SKU."""
    return list(Location.objects.filter(level__sku=sku).order_by("position", "name"))
