"""Levels: what each location has of each SKU."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from console.shell.files import download
from console.shell.parts import asks_for_part, at, part_of
from console.shell.show import done, show
from console.stock import clock, operations, queries, sheets
from console.stock.forms import Count, LevelFilter
from console.stock.models import Level, PendingCount
from console.stock.views import pending, person, places

CHANGED = "levels-changed"
ROWS = 50


@require_GET
def levels(request: HttpRequest) -> HttpResponse:
    """Show the levels that are asked for, page by page."""
    form = LevelFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    sort = request.GET.get("sort", "sku")
    found, now = queries.levels(sort=sort, **wanted), clock.now()
    context = {
        "filter": form,
        "levels": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "sort": sort.lstrip("-"),
        "desc": sort.startswith("-"),
        "asked": any(wanted.values()),
        "read_at": now,
    }
    if not asks_for_part(request):
        context |= pending.shown(request, now) | places.shown(now)
    return show(request, "stock/levels.html", context)


@require_GET
def search(request: HttpRequest) -> JsonResponse:
    """SKUs for the palette."""
    text = request.GET.get("q", "")[:60].replace("\0", "").strip()
    found = queries.skus(text) if text else []
    where = reverse("stock:levels")
    return JsonResponse(
        [
            {
                "g": "Stock",
                "ic": "package",
                "t": one.code,
                "s": str(one),
                "h": f"{where}?{urlencode({'q': one.code})}",
            }
            for one in found
        ],
        safe=False,
    )


@require_GET
def export(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The levels that are asked for, as a sheet."""
    asked = LevelFilter(request.GET)
    wanted = asked.cleaned_data if asked.is_valid() else {}
    rows = sheets.exported(queries.levels(**wanted))
    return download(f"levels.{form}", form, sheets.HEADINGS, rows)


@require_http_methods(["GET", "POST"])
@part_of(at("stock:levels"))
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Set what a level says, as counted."""
    level = get_object_or_404(Level.objects.select_related("sku", "location"), pk=pk)
    form = Count(request.POST or None, of=level)
    if form.is_valid():
        told = operations.adjust(
            pk,
            size=form.size(),
            version=form.cleaned_data["version"],
            reason=form.why(),
            actor=person(request),
            now=clock.now(),
        )
        text = f"{level.sku.code} at {level.location.name} counted"
        if isinstance(told, PendingCount):
            sub = "So large a change takes effect once somebody else approves it."
            return done(
                request,
                f"{text}: it waits for a second person",
                CHANGED,
                pending.CHANGED,
                to="stock:levels",
                tone="info",
                sub=sub,
            )
        return done(request, text, CHANGED, to="stock:levels")
    return render(request, "stock/_adjust.html", {"form": form, "level": level})
