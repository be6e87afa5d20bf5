"""Entrances of orders: the page, its panels, and what an operator may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns.models import Campaign
from console.orders import operations, queries
from console.orders.forms import DestinationForm, OrderFilter, RateForm
from console.orders.models import Destination, Order
from console.orders.queries import listing, spent
from console.shell.parts import at, part_of
from console.shell.show import done, show

CHANGED = "relay-changed"
MOST_LETTERS = 50


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Show what came in, how far it is, and what needs a hand."""
    form = OrderFilter(request.GET, campaigns=listing.campaigns())
    wanted = form.wanted()
    context = {
        "form": form,
        "page": listing.page(wanted, request.GET.get("page")),
        "filtered": bool(wanted.text or wanted.campaign or wanted.state),
    }
    if not getattr(request, "htmx", False):
        context |= _relay(wanted.campaign) | _letters()
    return show(request, "orders/orders.html", context)


@require_safe
@part_of(at("orders:list"))
def relay(request: HttpRequest) -> HttpResponse:
    """The relay's numbers and destinations, as the page asks for them again."""
    campaign = request.GET.get("campaign", "")[:20]
    return render(request, "orders/_relay.html", _relay(campaign))


@require_safe
@part_of(at("orders:list"))
def letters(request: HttpRequest) -> HttpResponse:
    """Dead letters and missing orders."""
    return render(request, "orders/_letters.html", _letters())


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing to a destination until it is resumed."""
    found = operations.pause(pk, actor=_actor(request), now=timezone.now())
    undo = reverse("orders:resume", args=[pk])
    text = f"Relay to {found.name} paused. Orders keep their place."
    return done(request, text, CHANGED, to=reverse("orders:list"), undo=undo)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to a destination again."""
    found = operations.resume(pk, actor=_actor(request), now=timezone.now())
    text = f"Relay to {found.name} goes on"
    return done(request, text, CHANGED, to=reverse("orders:list"))


@require_http_methods(["GET", "HEAD", "POST"])
@part_of(at("orders:list"))
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how fast a destination is sent orders, or set it."""
    found = get_object_or_404(Destination, pk=pk)
    form = RateForm(request.POST or None, destination=found)
    if form.is_valid():
        operations.set_rate(
            pk, **form.cleaned_data, actor=_actor(request), now=timezone.now()
        )
        value = form.cleaned_data["rate_per_s"]
        text = f"{found.name} is sent at most {value:g} orders a second"
        return done(request, text, CHANGED, to=reverse("orders:list"))
    flow = next(f for f in queries.flows(now=timezone.now()) if f.destination.pk == pk)
    context = {"form": form, "flow": flow}
    status = 422 if form.errors else 200
    return render(request, "orders/_rate.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@part_of(at("orders:list"))
def add(request: HttpRequest) -> HttpResponse:
    """Ask for one more system to hand orders on to, or add it."""
    form = DestinationForm(request.POST or None)
    if form.is_valid():
        added = operations.add_destination(
            **form.cleaned_data, actor=_actor(request), now=timezone.now()
        )
        text = f"Orders from now on go to {added.name} too"
        return done(request, text, CHANGED, to=reverse("orders:list"))
    status = 422 if form.errors else 200
    return render(request, "orders/_add.html", {"form": form}, status=status)


@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue one dead letter again."""
    operations.replay(pk, actor=_actor(request), now=timezone.now())
    return done(request, "Queued again", CHANGED, to=reverse("orders:list"))


@require_http_methods(["GET", "HEAD", "POST"])
@part_of(at("orders:list"))
def replay_all(request: HttpRequest) -> HttpResponse:
    """Say what a replay of all dead letters would queue, or do it."""
    if request.method == "POST":
        count = operations.replay(actor=_actor(request), now=timezone.now())
        text = f"{count:,} dead letters queued again"
        return done(request, text, CHANGED, to=reverse("orders:list"))
    dead = queries.dead_by_cause()
    context = {"causes": dead, "count": sum(count for *_, count in dead)}
    return render(request, "orders/_replay.html", context)


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue an order that the destination does not have."""
    row = operations.send_again(pk, actor=_actor(request), now=timezone.now())
    text = f"{row.order.ref} queued again"
    return done(request, text, CHANGED, to=reverse("orders:list"))


@require_safe
def search(request: HttpRequest) -> JsonResponse:
    """Orders for the palette, by the start of their reference."""
    text = request.GET.get("q", "").strip()[:64]
    here = reverse("orders:list")
    found = Order.objects.filter(ref__istartswith=text).order_by("-accepted_at", "-pk")
    hits = [
        {
            "g": "Orders",
            "ic": "receipt-text",
            "t": order.ref,
            "s": order.campaign,
            "h": f"{here}?q={order.ref}",
        }
        for order in (found[:5] if text else ())
    ]
    return JsonResponse(hits, safe=False)


def _relay(campaign: str) -> dict[str, Any]:
    now = timezone.now()
    backlog, flows = queries.panel(campaign or None, now=now)
    return {
        "flows": flows,
        "backlog": backlog,
        "told": queries.reconciliation(campaign or None),
        "campaign_code": campaign,
        "read_at": now,
    }


def _letters() -> dict[str, Any]:
    dead, lost = listing.dead(), listing.lost()
    return {
        "dead": list(dead[:MOST_LETTERS]),
        "dead_count": dead.count(),
        "lost": list(lost[:MOST_LETTERS]),
        "lost_count": lost.count(),
    }


def _actor(request: HttpRequest) -> Any:
    return request.user


@require_safe
@part_of("campaigns:plan")
def budget(request: HttpRequest, code: str) -> HttpResponse:
    """How much of its budgets a sale has used, as bars; nothing where it has none."""
    campaign = get_object_or_404(Campaign, code=code)
    context = {"campaign": campaign, "uses": spent.budget(campaign)}
    return render(request, "orders/_budget.html", context)
