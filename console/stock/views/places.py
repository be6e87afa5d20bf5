"""Locations, on the page of levels: the list in its order, and its dialogs."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from console.errors import Refusal
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.models import Location
from console.stock.place_forms import PlaceForm, PlaceMove
from console.stock.rules import StaleEdit
from console.stock.views import person

CHANGED = "locations-changed"
LEVELS = "levels-changed"
"""Both lists look again: the filter of levels names locations, too."""
HOME = "stock:levels"


def shown(now: datetime) -> dict[str, object]:
    """What the list shows."""
    return {"locations": queries.locations(), "read_at": now}


@require_GET
@part_of(at(HOME))
def locations(request: HttpRequest) -> HttpResponse:
    """Every location in the order sales take from them."""
    return render(request, "stock/_locations.html", shown(clock.now()))


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def add_location(request: HttpRequest) -> HttpResponse:
    """Add a place that holds stock."""
    form = PlaceForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            made = operations.add_location(name, actor=person(request), now=clock.now())
        except Refusal as refused:
            _say(form, refused)
        else:
            return done(request, f"{made} added, as the last", LEVELS, to=HOME)
    return render(request, "stock/_location.html", {"form": form})


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def rename_location(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a location another name."""
    one = get_object_or_404(Location, pk=pk)
    form = PlaceForm(request.POST or None, of=one)
    if form.is_valid():
        said = form.cleaned_data
        try:
            operations.rename_location(
                pk, **said, actor=person(request), now=clock.now()
            )
        except Refusal as refused:
            _say(form, refused)
        else:
            told = f"{one} is called {said['name']} now"
            return done(request, told, LEVELS, to=HOME)
    return render(request, "stock/_location.html", {"form": form, "one": one})


@require_POST
@part_of(at(HOME))
def move_location(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a location one place up or down."""
    get_object_or_404(Location, pk=pk)
    form = PlaceMove(request.POST)
    if not form.is_valid():
        raise StaleEdit("This order cannot be read. Load the page again.")
    one = operations.move_location(
        pk,
        up=form.up(),
        seen=form.seen(),
        actor=person(request),
        now=clock.now(),
    )
    word = "up" if form.up() else "down"
    return done(request, f"{one} moved {word}", CHANGED, to=HOME)


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def remove_location(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then take away a location without levels."""
    one = get_object_or_404(Location, pk=pk)
    if request.method != "POST":
        return render(request, "stock/_remove_location.html", {"one": one})
    seen = request.POST.get("seen", "")
    operations.remove_location(pk, seen=seen, actor=person(request), now=clock.now())
    return done(request, f"{one} removed", LEVELS, to=HOME)


def _say(form: PlaceForm, refused: Refusal) -> None:
    """Say at the name what is wrong with it.

    Raises:
        Refusal: it is about something else.
    """
    if refused.field not in form.fields:
        raise refused
    form.add_error(refused.field, refused.message)
