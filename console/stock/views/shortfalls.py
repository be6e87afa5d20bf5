"""Paid units that are not there, on the Stock tab, and settling them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from console.shell.parts import part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.controls import Resolve
from console.stock.models import Shortfall
from console.stock.rules.shortfalls import Resolution
from console.stock.views import person
from console.stock.views.panel import shown_shortfalls, tab

CHANGED = "shortfalls-changed"


def _tab_of(request: HttpRequest, pk: int) -> str:
    return tab(request, get_object_or_404(Shortfall, pk=pk).allocation.campaign)


@require_GET
@part_of(tab)
def shortfalls(request: HttpRequest, campaign: str) -> HttpResponse:
    """Who paid for units that are not there, the open ones first."""
    context = shown_shortfalls(request, campaign)
    context["missing"] = queries.missing(campaign)
    return render(request, "stock/_shortfalls.html", context)


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what was done for a buyer."""
    named = Shortfall.objects.select_related("allocation__sku")
    one = get_object_or_404(named, pk=pk)
    form = Resolve(request.POST or None)
    if form.is_valid():
        operations.resolve_shortfall(
            pk,
            resolution=Resolution(form.cleaned_data["resolution"]),
            note=form.cleaned_data["note"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Shortfall of {one.order} resolved", CHANGED)
    return render(request, "stock/_resolve.html", {"form": form, "one": one})
