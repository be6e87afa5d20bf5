"""Many prices at once: looked at before, set, and taken back; lines by a filter."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from console import words
from console.campaigns import operations, queries
from console.campaigns.forms import BulkForm
from console.campaigns.forms.lines import PERCENTS
from console.campaigns.forms.pricing import FillForm, PricingForm
from console.campaigns.models import Campaign, Line
from console.campaigns.operations import Filled
from console.campaigns.queries.pricing import Percented, percented, priced
from console.campaigns.rules.sources import BadSource, SourceKind
from console.campaigns.views.asked import CHANGED, HtmxHttpRequest, actor
from console.campaigns.views.lines import ticked, undo_address
from console.shell.show import done, show

SHOWN = 50
FILL_FIELDS = {"value": "name", "buffer": "buffer"}
"""Where the form asks for what a filter calls otherwise."""


@require_http_methods(["GET", "HEAD", "POST"])
def price(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Show what a method would make of the ticked prices, or of all; then set them."""
    head = queries.head(code)
    asked = request.POST if request.method == "POST" else request.GET
    typed = asked if "method" in asked else None
    form = PricingForm(typed, auto_id="price_%s")
    ids = ticked(asked.getlist("lines")) or None
    if form.is_valid() and "apply" in request.POST:
        count = operations.set_price(
            code,
            form.pricing,
            line_ids=ids,
            actor=actor(request),
            now=timezone.now(),
        )
        return _told(request, code, f"Set {words.count(count, 'price')}")
    lines = _lines(head.campaign, ids)
    context = {
        "campaign": head,
        "form": form,
        "ids": ids,
        "count": lines.count(),
        "found": _found(head.campaign, lines, form) if form.is_valid() else None,
    }
    status = 422 if typed and form.errors else 200
    return show(request, "campaigns/price.html", context, status=status)


def _lines(campaign: Campaign, ids: list[int] | None) -> QuerySet[Line]:
    lines = campaign.lines.select_related("sku").order_by("position", "pk")
    return lines if ids is None else lines.filter(pk__in=ids)


def _found(campaign: Campaign, lines: QuerySet[Line], form: PricingForm) -> object:
    return priced(campaign, list(lines[:SHOWN]), form.pricing, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def percent(request: HtmxHttpRequest, code: str, field: str) -> HttpResponse:
    """Show what a depth or a buffer in per cent makes of the ticked lines; set it."""
    if field not in PERCENTS:
        raise Http404
    head = queries.head(code)
    sent = request.method == "POST"
    asked = request.POST if sent else request.GET
    typed = asked if sent or "percent" in asked else {"percent": "20"}
    form = BulkForm(typed, field=field, auto_id="percent_%s")
    ids = ticked(asked.getlist("lines"))
    if form.is_valid() and sent:
        share = form.cleaned_data["percent"]
        count = operations.set_percent(
            code,
            field,
            line_ids=ids,
            percent=share,
            actor=actor(request),
            now=timezone.now(),
        )
        return _told(request, code, f"Changed {words.count(count, 'product')}")
    lines = _lines(head.campaign, ids)
    context = {
        "campaign": head,
        "field": field,
        "form": form,
        "ids": ids,
        "count": lines.count(),
        "found": _percented(head.campaign, lines, field, form),
    }
    status = 422 if form.errors else 200
    return show(request, "campaigns/percent.html", context, status=status)


def _percented(
    campaign: Campaign, lines: QuerySet[Line], field: str, form: BulkForm
) -> list[Percented]:
    if not form.is_valid():
        return []
    share = form.cleaned_data["percent"]
    return percented(campaign, list(lines[:SHOWN]), field, share)


def _told(request: HtmxHttpRequest, code: str, text: str) -> HttpResponse:
    if request.htmx:
        return done(request, text, CHANGED, "lines-changed", undo=undo_address(code))
    return done(request, text, to=reverse("campaigns:plan", args=[code]))


@require_POST
def undo(request: HtmxHttpRequest, code: str, pk: int) -> HttpResponse:
    """Take the last change of the lines back."""
    what = operations.undo(code, pk, actor=actor(request), now=timezone.now())
    text = f"Undone: {what}"
    if request.htmx:
        return done(request, text, CHANGED, "lines-changed")
    return done(request, text, to=reverse("campaigns:plan", args=[code]))


@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, code: str) -> HttpResponse:
    """Add every SKU a filter matches; list what stayed as it was."""
    head = queries.head(code)
    form = FillForm(request.POST or None)
    filled = _filled(request, code, form) if form.is_valid() else None
    context = {
        "campaign": head,
        "form": form,
        "filled": filled,
        "undo": undo_address(code) if filled else "",
        "sources": head.campaign.sources.order_by("pk"),
    }
    status = 422 if form.errors else 200
    return render(request, "campaigns/fill.html", context, status=status)


def _filled(request: HttpRequest, code: str, form: FillForm) -> Filled | None:
    """What was added, if it was; else the field says what is wrong."""
    data = form.cleaned_data
    try:
        return operations.fill(
            code,
            SourceKind(data["kind"]),
            data["name"],
            pricing=form.pricing,
            units=data["units"],
            buffer=data["buffer"],
            actor=actor(request),
            now=timezone.now(),
        )
    except BadSource as refused:
        form.add_error(FILL_FIELDS.get(refused.field), refused.message)
        return None


@require_POST
def forget_source(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a filter off the plan; its lines stay."""
    operations.forget_source(code, pk, actor=actor(request), now=timezone.now())
    return done(request, "Taken off", to=reverse("campaigns:fill", args=[code]))
