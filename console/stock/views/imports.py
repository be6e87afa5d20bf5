"""Sheets of levels: upload, watch it being tried, write or give up, bad rows out."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.sheets.pages import bad_rows, mode_of
from console.shell.parts import at, part_of
from console.shell.show import done, show
from console.stock import clock, sheets
from console.stock.forms import LevelSheet
from console.stock.models import LevelImport
from console.stock.operations import imports
from console.stock.queries.sheet_moves import SheetMoves, sheet_moves
from console.stock.views import person

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@part_of(at("stock:levels"))
def upload(request: HttpRequest) -> HttpResponse:
    """Take a sheet and lead to what it would change."""
    form = LevelSheet(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        job = imports.start(file, actor=person(request), now=clock.now())
        there = reverse("stock:import_job", args=[job.pk])
        return done(request, f"Trying {job.name}", to=there, tone="info")
    return render(request, "stock/_import.html", {"form": form})


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an import is, and what it would change."""
    found, now = get_object_or_404(LevelImport, pk=pk), clock.now()
    bad = found.bad.order_by("number")
    context = {
        "job": found,
        "left": found.left(now),
        "moves": _moves(found),
        "bad": Paginator(bad, PER_PAGE).get_page(request.GET.get("page")),
    }
    return show(request, "stock/import_job.html", context)


def _moves(found: LevelImport) -> SheetMoves | None:
    """Looked up only where they are shown, not while a sheet is read."""
    shown = {LevelImport.State.CHECKED, LevelImport.State.DONE}
    return sheet_moves(found) if found.state in shown else None


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the good rows written."""
    found = get_object_or_404(LevelImport, pk=pk)
    imports.confirm(found.pk, mode=mode_of(request), actor=person(request))
    there = reverse("stock:import_job", args=[pk])
    return done(request, f"Writing {found.name}", to=there, tone="info")


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an import up; nothing was changed."""
    imports.cancel(get_object_or_404(LevelImport, pk=pk).pk, now=clock.now())
    text = "Import given up, nothing was changed"
    return done(request, text, to=reverse("stock:levels"), tone="info")


@require_safe
def errors(_request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Only the bad rows, as they were, with what is wrong, to be corrected."""
    found = get_object_or_404(LevelImport, pk=pk)
    bad = found.bad.order_by("number").iterator()
    rows = ((row.number, f"{row.field}: {row.message}", row.raw) for row in bad)
    return bad_rows("levels-bad-rows.csv", found, rows, ours=sheets.HEADINGS)
