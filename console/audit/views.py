"""Entrances of the trail: the page, its chain badge, and the export."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.audit import queries, resources
from console.audit.forms import TrailFilter
from console.shell.parts import at, part_of
from console.shell.show import show

PER_PAGE = 50


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first, as far as the reader wants it."""
    form = TrailFilter(request.GET)
    found = queries.entries(form.wanted())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    filtered = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "page": page, "filtered": filtered}
    return show(request, "audit/entries.html", context)


@require_safe
@part_of(at("audit:list"))
def chain(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain and say whether it holds; the page asks for it by itself."""
    context = {"broken": queries.verify_chain(), "length": queries.length()}
    return render(request, "audit/_chain.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered trail as CSV, the newest fifty thousand entries at most."""
    found = queries.entries(TrailFilter(request.GET).wanted())
    text = resources.trail(found[: resources.MOST_ROWS])
    reply = HttpResponse(text, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return reply
