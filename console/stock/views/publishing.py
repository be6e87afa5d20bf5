"""How far what shops show is behind what may be sold, and sending it again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from console import words
from console.shell.parts import part_of
from console.shell.show import done
from console.stock import clock, operations
from console.stock.queries.publishing import told
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "publishing-changed"


@require_GET
@part_of(tab)
def publishing(request: HttpRequest, campaign: str) -> HttpResponse:
    """Shop by shop: shown, waiting, lag, and what is wrong."""
    now = clock.now()
    context = {"campaign_code": campaign, "shops": told(now=now), "read_at": now}
    return render(request, "stock/_publishing.html", context)


@require_POST
def send_again(request: HttpRequest, connection: str) -> HttpResponse:
    """Send a shop again what it refused."""
    count = operations.send_again(connection, actor=person(request), now=clock.now())
    what = words.count(count, "SKU") if count else "Stock"
    text = f"{what} will be sent to {connection} again"
    return done(request, text, CHANGED, to="stock:home")
