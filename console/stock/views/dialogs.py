"""Dialogs that change a lock: top up, buffer, several at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from console import words
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.forms import BufferSize, Several, TopUp
from console.stock.models import Allocation
from console.stock.queries.rows import Row
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "stock-changed"


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
    part = "_effect" if "units" in request.GET else ""
    row = queries.row(pk, now=now)
    then = _added_then(row, request.GET.get("units"), free)
    context = {"form": form, "row": row, "one": one, "typed": bool(part)} | then
    left = [row.left, then.get("left", row.left)]
    lasts = None if row.stopped else _lasts(one, left, now)
    context |= {"lasts": lasts, "ends_in": _ends_in(one, now)}
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
    part = "_effect" if "buffer" in request.GET else ""
    row = queries.row(pk, now=now)
    context = {"form": form, "row": row, "one": one, "typed": bool(part)}
    context |= _held_then(row, request.GET.get("buffer", str(one.buffer)))
    if not part:
        most = row.can_hold_back
        context["suggested"] = queries.suggestion([one.sku_id], now=now, most=most)
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


def _added_then(row: Row, typed: str | None, free: int) -> dict[str, Any]:
    """What units that are being typed do; a hint instead where they cannot be added."""
    asked = _number(typed or "")
    if not asked:
        hint = f"Enter a whole number of 1 to {free:,}." if free else "No unit is free."
        return {} if typed is None else {"hint": hint}
    if asked > free:
        are = "unit is" if free == 1 else "units are"
        return {"hint": f"{free:,} {are} free: no more than that can be added."}
    return {
        "units": asked,
        "quantity": row.quantity + asked,
        "left": row.left + asked,
    }


def _held_then(row: Row, typed: str) -> dict[str, Any]:
    """What a buffer that is being typed does; a hint instead where it cannot be."""
    asked, most = _number(typed), row.can_hold_back
    if asked is None:
        return {"hint": f"Enter a whole number of 0 to {most:,}."}
    if asked > most:
        gone = row.reserved + row.sold
        why = f"Buyers hold or bought {gone:,} of the {row.quantity:,} units"
        why = why if gone else f"The sale has {words.count(row.quantity, 'unit')}"
        return {"hint": f"{why}: at most {most:,} can be held back."}
    more = asked - row.buffer
    left = row.left - more
    return {"buffer": asked, "left": left, "more": more, "fewer": -more}


def _lasts(one: Allocation, left: list[int], now: datetime) -> list[timedelta] | None:
    """How long so many units last at the pace of the last minutes, if it is known."""
    found = queries.paces(one.campaign, [one.pk], now=now).get(one.pk)
    if found is None:
        return None
    middles = [found.sellout(units).middle for units in left]
    known = [timedelta(minutes=middle) for middle in middles if middle is not None]
    return known if len(known) == len(left) else None


def _ends_in(one: Allocation, now: datetime) -> timedelta | None:
    """How long the sale still goes, if its end is told."""
    ends_at = queries.sale_ends_at(one.campaign)
    return None if ends_at is None else max(ends_at - now, timedelta(0))


def seen_of(ticked: Sequence[str]) -> list[tuple[int, int]]:
    """Allocations as ticked, `12` or `12:3`: the id, and the version if it was seen."""
    found = re.findall(r"^(\d{1,17})(?::(\d{1,9}))?$", "\n".join(ticked), re.MULTILINE)
    return [(int(pk), int(version or 0)) for pk, version in found]


def _number(text: str) -> int | None:
    """What was typed so far, None while it is no whole number, or far too large."""
    return int(text) if text.isdecimal() and len(text) < 12 else None
