"""What only those who run a sale may do with a SKU of it: stop it, sell it early."""

from __future__ import annotations

from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from console import words
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.controls import EarlySale, Why
from console.stock.models import Allocation
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "stock-changed"
ACTS = {"stop": operations.stop_sku, "start": operations.start_sku}
SAID = {"stop": "Stopped", "start": "Started"}


def _tab_of(request: HttpRequest, pk: int) -> str:
    return tab(request, get_object_or_404(Allocation, pk=pk).campaign)


@require_http_methods(["GET", "POST"])
@part_of(at("stock:home"))
def control(request: HttpRequest, turn: str) -> HttpResponse:
    """Stop, or start, each SKU that is ticked or named."""
    sent = request.POST or request.GET
    ids = [int(x.partition(":")[0]) for x in sent.getlist("pk") if _is_id(x)]
    found = Allocation.objects.filter(pk__in=ids, returned_at=None)
    skus = list(found.select_related("sku").order_by("sku__code"))
    form = Why(request.POST or None)
    if form.is_valid():
        changed = ACTS[turn](
            [one.pk for one in skus],
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        text = f"{SAID[turn]} {words.count(changed, 'SKU')}"
        return done(request, text, CHANGED)
    held = queries.reserved([one.pk for one in skus], now=clock.now())
    context = {"form": form, "act": turn, "skus": skus, "held": held}
    return render(request, "stock/_control.html", context)


def _is_id(ticked: str) -> bool:
    number = ticked.partition(":")[0]
    return number.isascii() and number.isdecimal() and len(number) < 18


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def backorder(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a SKU be sold before it is there, up to a number of units."""
    one = get_object_or_404(Allocation.objects.select_related("sku"), pk=pk)
    now = clock.now()
    form = EarlySale(request.POST or None, of=one)
    if form.is_valid():
        operations.set_backorder(
            pk,
            units=form.cleaned_data["units"],
            promise_at=_end_of(form.cleaned_data["promise_at"]),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=now,
        )
        units = words.count(form.cleaned_data["units"], "unit")
        return done(request, f"{one.sku.code} may sell {units} early", CHANGED)
    context = {"form": form, "one": one, "row": queries.row(pk, now=now)}
    return render(request, "stock/_backorder.html", context)


def _end_of(day: date | None) -> datetime | None:
    """The last minute of a day, in the shop's zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day, time(23, 59)))


@require_GET
@part_of(tab)
def waiting(request: HttpRequest, campaign: str) -> HttpResponse:
    """Who waits for what is sold out."""
    context: dict[str, object] = {"campaign_code": campaign, "read_at": clock.now()}
    context["waits"] = queries.waits(campaign)
    return render(request, "stock/_waiting.html", context)
