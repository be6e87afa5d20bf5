"""Dialogs that change a lock: top up, buffer, several at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from console import words
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.forms import BufferSize, Several, TopUp
from console.stock.models import Allocation
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "stock-changed"
MOST = 10_000_000


def _allocation(pk: int) -> Allocation:
    return get_object_or_404(Allocation.objects.select_related("sku"), pk=pk)


def _tab_of(request: HttpRequest, pk: int) -> str:
    return tab(request, _allocation(pk).campaign)


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def topup(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock more units of one SKU."""
    one, now = _allocation(pk), clock.now()
    free = queries.ats([one.sku_id])[one.sku_id]
    form = TopUp(request.POST or None, of=one, free=free)
    if form.is_valid():
        units, version = form.cleaned_data["units"], form.cleaned_data["version"]
        operations.resize(
            pk,
            quantity=one.quantity + units,
            buffer=one.buffer,
            version=version,
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=now,
        )
        return done(
            request, f"Added {words.count(units, 'unit')} to {one.sku.code}", CHANGED
        )
    asked = _number(request.GET.get("units", ""))
    part = "_effect" if "units" in request.GET else ""
    row = queries.row(pk, now=now)
    context = {"form": form, "row": row, "one": one, "units": asked}
    context["typed"] = bool(part)
    context |= {"quantity": row.quantity + asked, "left": row.left + asked}
    context["lasts"] = _lasts(one, [row.left, row.left + asked], now)
    return render(request, f"stock/_topup{part}.html", context)


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def buffer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold back more or fewer units of one SKU."""
    one, now = _allocation(pk), clock.now()
    form = BufferSize(request.POST or None, of=one)
    if form.is_valid():
        units = form.cleaned_data["buffer"]
        operations.resize(
            pk,
            quantity=one.quantity,
            buffer=units,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=now,
        )
        return done(request, f"Buffer of {one.sku.code} is now {units:,}", CHANGED)
    asked = _number(request.GET.get("buffer", str(one.buffer)))
    part = "_effect" if "buffer" in request.GET else ""
    row = queries.row(pk, now=now)
    context = {"form": form, "row": row, "one": one, "buffer": asked}
    more = asked - row.buffer
    context |= {"left": row.left - more, "more": more, "fewer": -more}
    context["typed"] = bool(part)
    if not part:
        room = max(0, row.quantity - row.reserved - row.sold)
        context["suggested"] = queries.suggestion([one.sku_id], now=now, most=room)
    return render(request, f"stock/_buffer{part}.html", context)


@require_http_methods(["GET", "POST"])
@part_of(at("stock:home"))
def several(request: HttpRequest, act: str) -> HttpResponse:
    """Top up, or raise the buffer of, each SKU that is ticked."""
    sent = request.POST or request.GET
    seen = seen_of(sent.getlist("pk"))
    form = Several(request.POST or None)
    if form.is_valid():
        units = form.cleaned_data["units"]
        changed = operations.resize_many(
            seen,
            more=units if act == "topup" else 0,
            hold_back=units if act == "buffer" else 0,
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        word = "Added" if act == "topup" else "Held back"
        each = words.count(changed, "SKU")
        text = f"{word} {words.count(units, 'unit')} of each of {each}"
        return done(request, text, CHANGED)
    known = dict(seen)
    skus = Allocation.objects.filter(pk__in=known).order_by("sku__code")
    found = list(skus.values_list("pk", "version", "sku__code"))
    ticked = [f"{pk}:{known[pk] or version}" for pk, version, _ in found]
    codes = [code for *_, code in found]
    context = {"form": form, "act": act, "ticked": ticked, "codes": codes}
    return render(request, "stock/_several.html", context)


def _lasts(one: Allocation, left: list[int], now: datetime) -> list[timedelta] | None:
    """How long so many units last at the pace of the last minutes, if it is known."""
    found = queries.paces(one.campaign, [one.pk], now=now).get(one.pk)
    if found is None:
        return None
    middles = [found.sellout(units).middle for units in left]
    known = [timedelta(minutes=middle) for middle in middles if middle is not None]
    return known if len(known) == len(left) else None


def seen_of(ticked: Sequence[str]) -> list[tuple[int, int]]:
    """Allocations as ticked, `12` or `12:3`: the id, and the version if it was seen."""
    found = re.findall(r"^(\d{1,17})(?::(\d{1,9}))?$", "\n".join(ticked), re.MULTILINE)
    return [(int(pk), int(version or 0)) for pk, version in found]


def _number(text: str) -> int:
    """What was typed so far, 0 while it is no number."""
    return min(int(text), MOST) if text.isdecimal() and len(text) < 12 else 0
