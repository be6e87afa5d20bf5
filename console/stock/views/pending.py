"""Counts that wait for a second person, on the Levels page."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.models import PendingCount
from console.stock.views import person

CHANGED = "counts-changed"


def shown(request: HttpRequest, now: datetime) -> dict[str, object]:
    """What the list shows."""
    found = queries.pending_counts(request.GET.get("counts", "1"))
    return {"pending": found, "read_at": now}


@require_GET
@part_of(at("stock:levels"))
def pending(request: HttpRequest) -> HttpResponse:
    """The counts that wait, the oldest first."""
    return render(request, "stock/_pending.html", shown(request, clock.now()))


@require_POST
@part_of(at("stock:levels"))
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a count that somebody else made."""
    _known(pk)
    level = operations.approve_count(pk, actor=person(request), now=clock.now())
    return _decided(request, f"Count of {level} written")


@require_POST
@part_of(at("stock:levels"))
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a count."""
    _known(pk)
    operations.refuse_count(pk, actor=person(request), now=clock.now())
    return _decided(request, "Count dropped, the level stays as it is")


def _known(pk: int) -> None:
    get_object_or_404(PendingCount, pk=pk)


def _decided(request: HttpRequest, text: str) -> HttpResponse:
    return done(request, text, CHANGED, "levels-changed", to="stock:levels")
