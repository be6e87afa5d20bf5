"""Counts that wait for a second person, on the Levels page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.models import PendingCount
from console.stock.views import person

CHANGED = "counts-changed"


def shown(request: HttpRequest) -> dict[str, object]:
    """What the list shows."""
    return {"pending": queries.pending_counts(request.GET.get("counts", "1"))}


@require_GET
@part_of(at("stock:levels"))
def pending(request: HttpRequest) -> HttpResponse:
    """The counts that wait, the oldest first."""
    return render(request, "stock/_pending.html", shown(request))


@require_POST
@part_of(at("stock:levels"))
def decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Write a count that somebody else made, or drop it."""
    try:
        if act == "approve":
            level = operations.approve_count(pk, actor=person(request), now=clock.now())
            text = f"Count of {level} written"
        else:
            operations.refuse_count(pk, actor=person(request), now=clock.now())
            text = "Count dropped, the level stays as it is"
    except PendingCount.DoesNotExist:
        raise Http404 from None
    return done(request, text, CHANGED, "levels-changed", to="stock:levels")
