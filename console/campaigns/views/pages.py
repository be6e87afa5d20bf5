"""The list, a campaign's tabs besides the plan, and what the frame asks for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries
from console.campaigns.queries.activity import activity as entries
from console.campaigns.queries.listing import Wanted, active, listing
from console.campaigns.queries.listing import search as found
from console.campaigns.views.undone import offered
from console.fatigue import queries as fatigue
from console.shell.formats import day
from console.shell.parts import at, part_of
from console.shell.show import show


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List campaigns, filtered by state, audience and text."""
    asked = request.GET
    wanted = Wanted(
        group=asked.get("group", ""),
        audience=asked.get("audience", ""),
        text=asked.get("q", "").strip(),
        sort=asked.get("sort", "-opens_at"),
        page=asked.get("page", "1"),
    )
    context = {
        "listing": listing(wanted),
        "wanted": wanted,
        "audiences": fatigue.audiences(),
    }
    return show(request, "campaigns/campaigns.html", context)


@require_safe
@part_of("campaigns:plan")
def head(request: HttpRequest, code: str) -> HttpResponse:
    """The head of a campaign's tabs, after something changed."""
    found, tab = queries.head(code), request.GET.get("tab", "")
    last = offered(request, found.campaign) if tab == "plan" else {}
    context = {"campaign": found, "tab": tab, **last}
    return render(request, "campaigns/_head.html", context)


@require_safe
def stock(request: HttpRequest, code: str) -> HttpResponse:
    """Frame the stock of a campaign."""
    return _tab(request, code, "stock")


@require_safe
def capacity(request: HttpRequest, code: str) -> HttpResponse:
    """Frame the capacity and the run sheet of a campaign."""
    return _tab(request, code, "capacity")


@require_safe
def activity(request: HttpRequest, code: str) -> HttpResponse:
    """Show what was done to a campaign."""
    campaign = queries.head(code)
    page = entries(campaign.campaign, page=request.GET.get("page", "1"))
    context = {"campaign": campaign, "tab": "activity", "page": page}
    return show(request, "campaigns/activity.html", context)


def _tab(request: HttpRequest, code: str, tab: str) -> HttpResponse:
    context = {"campaign": queries.head(code), "tab": tab}
    return render(request, f"campaigns/{tab}.html", context)


@require_safe
@part_of(at("campaigns:list"))
def next_event(request: HttpRequest) -> HttpResponse:
    """The card at the foot of the navigation: the running sale, else the next."""
    now = timezone.now()
    context = {"sale": queries.current(now=now), "now": now, "active": active()}
    return render(request, "campaigns/_next_event.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the palette finds among campaigns."""
    text = request.GET.get("q", "").strip()
    now = timezone.now()
    rows = [
        {
            "g": "Campaigns",
            "ic": "tag",
            "t": str(one),
            "s": day(one.opens_at, now=now) if one.opens_at else "No date",
            "h": reverse("campaigns:plan", args=[one.code]),
        }
        for one in (found(text) if text else [])
    ]
    return JsonResponse(rows, safe=False)
