"""Levels: what each location has of each SKU."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from console import words
from console.shell.parts import asks_for_part, at, part_of
from console.shell.show import done, show
from console.stock import operations, queries, resources
from console.stock.forms import Count, LevelFilter, LevelSheet
from console.stock.models import Level, PendingCount
from console.stock.views import pending, person

CHANGED = "levels-changed"
ROWS = 50
MOST_SHOWN = 50


@require_GET
def levels(request: HttpRequest) -> HttpResponse:
    """Show the levels that are asked for, page by page."""
    form = LevelFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    sort = request.GET.get("sort", "sku")
    found = queries.levels(sort=sort, **wanted)
    context = {
        "filter": form,
        "levels": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "sort": sort.lstrip("-"),
        "desc": sort.startswith("-"),
        "asked": any(wanted.values()),
    }
    if not asks_for_part(request):
        context |= pending.shown(request)
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
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The levels that are asked for, as a sheet."""
    asked = LevelFilter(request.GET)
    wanted = asked.cleaned_data if asked.is_valid() else {}
    body, kind = resources.export(queries.levels(**wanted), form)
    headers = {"Content-Disposition": f'attachment; filename="levels.{form}"'}
    return HttpResponse(body, content_type=kind, headers=headers)


@require_http_methods(["GET", "POST"])
@part_of(at("stock:levels"))
def import_(request: HttpRequest) -> HttpResponse:
    """Count many levels from a sheet: look first, then write all or none."""
    form = LevelSheet(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        rows, wrong = resources.read(form.cleaned_data["file"])
        write = not wrong and not form.cleaned_data["only_look"]
        told = operations.count_many(
            rows, actor=person(request), now=timezone.now(), write=write
        )
        wrong += [resources.RowError(n, x.field, x.message) for n, x in told.errors]
        if write and not wrong:
            text = words.count(told.changed, "level")
            text += f" changed, {told.same:,} the same"
            if told.described:
                text += f"; {words.count(told.described, 'SKU')} described"
            if told.pending:
                text += f"; {words.count(told.pending, 'count')} for a second person"
            return done(request, text, CHANGED, pending.CHANGED, to="stock:levels")
        wrong.sort(key=lambda error: error.row)
        context |= {"told": told, "wrong": wrong[:MOST_SHOWN], "count": len(wrong)}
    return render(request, "stock/_import.html", context)


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
            now=timezone.now(),
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
