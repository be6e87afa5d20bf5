"""The page of markets: countries, channels, and where each shop sells."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.campaigns import operations
from console.campaigns.forms.markets import ChannelForm, MarketForm, PlaceForm
from console.campaigns.models import Market, MarketCountry, Outlet
from console.campaigns.models.market import WEB
from console.campaigns.queries import places
from console.campaigns.rules import StaleEdit
from console.campaigns.rules.versions import NOT_THERE
from console.campaigns.views import stale
from console.campaigns.views.asked import actor
from console.capacity import outlets
from console.errors import Refusal
from console.shell.diff import chosen, seen
from console.shell.show import done, show

HOME = "campaigns:markets"
any_method = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def markets(request: HttpRequest) -> HttpResponse:
    """Show every market with its countries, every channel, every shop's place."""
    listed = Prefetch("countries", MarketCountry.objects.order_by("country"))
    found = Market.objects.prefetch_related(listed).order_by("name", "pk")
    placed = places.placed()
    channels = places.channels()
    context = {
        "markets": found,
        "channels": channels,
        "shops": [
            (name, placed.get(name), _channel(placed.get(name), dict(channels)))
            for name in outlets.storefronts()
        ],
    }
    return show(request, "campaigns/markets.html", context)


def _channel(place: Outlet | None, names: Mapping[str, str]) -> dict[str, str]:
    slug = place.channel if place else WEB
    return {"slug": slug, "name": names.get(slug, slug)}


@any_method
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a market, or change one."""
    held = get_object_or_404(Market, code=code) if code else None
    form = MarketForm(chosen(request.POST) or None, of=held)
    try:
        if form.is_valid() and _saved(request, form):
            said = f"Saved {form.cleaned_data['name']}"
            return done(request, said, to=reverse(HOME))
    except StaleEdit as refused:
        return stale.market(
            request, get_object_or_404(Market, code=code), refused, mine=form
        )
    return _dialog(request, form, f"Change {held}" if held else "Add a market")


def _saved(request: HttpRequest, form: MarketForm) -> bool:
    """Save it, or let the field say what is wrong."""
    version = form.cleaned_data["version"] or NOT_THERE
    try:
        operations.save_market(
            form.terms, version=version, actor=actor(request), now=timezone.now()
        )
    except StaleEdit:
        raise
    except Refusal as refused:
        known = refused.field in form.fields
        form.add_error(refused.field if known else None, refused.message)
        return False
    return True


@any_method
def add_channel(request: HttpRequest) -> HttpResponse:
    """Add a channel."""
    form = ChannelForm(request.POST or None)
    if form.is_valid():
        made = operations.add_channel(
            form.cleaned_data["name"], actor=actor(request), now=timezone.now()
        )
        return done(request, f"Added {made}", to=reverse(HOME))
    return _dialog(request, form, "Add a channel")


@any_method
def place_shop(request: HttpRequest, name: str) -> HttpResponse:
    """Say where a connected shop sells."""
    if name not in outlets.storefronts():
        raise Http404(f"There is no shop {name}.")
    form = PlaceForm(chosen(request.POST) or None, shop=name)
    if form.is_valid():
        try:
            operations.place_shop(
                name, **form.cleaned_data, actor=actor(request), now=timezone.now()
            )
        except StaleEdit as refused:
            return stale.place(request, name, refused, mine=form)
        return done(request, f"Saved where {name} sells", to=reverse(HOME))
    return _dialog(request, form, f"Where {name} sells")


def _dialog(request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
    status = 422 if form.errors else 200
    context: dict[str, object] = {"form": form, "title": title, "here": request.path}
    context["seen"] = request.POST.get("seen") or seen(form)
    return show(request, "campaigns/market.html", context, status=status)
