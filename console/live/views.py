"""Entrances of live: the board, its bar, its tickets, and the open alerts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import queries as campaigns
from console.live import actions, operations, queries, tickets
from console.live.board import board as read_board
from console.live.board import curve as read_curve
from console.live.sales import known
from console.shell.parts import at, part_of
from console.shell.show import done


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the board of the sale that runs, else of the next, if there is one."""
    current = campaigns.current(now=timezone.now())
    if current is None:
        return render(request, "live/home.html")
    return redirect("live:board", current.code)


@require_safe
@never_cache
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Show the board: the last snapshot at once, then whatever the stream brings."""
    return render(request, "live/board.html", _context(request, code))


@require_safe
@part_of("live:board")
def bar(request: HttpRequest, code: str) -> HttpResponse:
    """The bar alone, after the sale changed its state or its end."""
    context = {"sale": known(code), "campaign": campaigns.head(code)}
    return render(request, "live/_bar.html", context)


@require_safe
@part_of("live:board")
def panels(request: HttpRequest, code: str) -> HttpResponse:
    """The inventory and health panels, after a SKU or a part came or went."""
    return render(request, "live/_panels.html", _context(request, code))


@require_safe
@never_cache
def curve(_request: HttpRequest, code: str) -> JsonResponse:
    """Orders a second so far, for a screen that missed some.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    return JsonResponse(read_curve(known(code), now=timezone.now()))


@require_safe
@never_cache
def ticket(request: HttpRequest, code: str) -> JsonResponse:
    """A fresh pass to the stream of a campaign, and where that is.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    code = campaigns.brief(code).code
    return JsonResponse({"url": _stream(request, code), "ttl_s": tickets.TTL_S})


@require_safe
@part_of(at("live:home"))
def alerts(request: HttpRequest) -> HttpResponse:
    """The bell and its menu, for every page's top bar."""
    return render(request, "live/_alerts_menu.html", {"alerts": queries.open_alerts()})


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that this person looks after an alert."""
    alert = operations.acknowledge(pk, actor=_user(request), now=timezone.now())
    return done(request, f"You look after: {alert.title}", "alert-changed")


def _context(request: HttpRequest, code: str) -> dict[str, Any]:
    found = read_board(code, now=timezone.now())
    return {
        "board": found,
        "sale": found.sale,
        "campaign": campaigns.head(code),
        "stream": _stream(request, code),
        "cards": actions.cards(request, found.sale),
    }


def _stream(request: HttpRequest, code: str) -> str:
    """The stream's address: the edge server's, or our own origin behind a proxy."""
    pass_ = tickets.issue(_user(request).pk, code)
    return f"{settings.EDGE_URL}/live/stream/{code}?ticket={pass_}"


def _user(request: HttpRequest) -> Any:
    return request.user
