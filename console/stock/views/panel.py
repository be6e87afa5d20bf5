"""The Stock tab of a campaign, in parts that refresh by themselves."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from console.shell.moment import one_moment
from console.shell.nav import way
from console.shell.parts import part_of
from console.shell.show import show
from console.stock import clock, queries
from console.stock.queries import publishing
from console.stock.queries.young import young
from console.stock.rules import HoldState, audit_late
from console.stock.views import check_sale

Context = dict[str, object]


def tab(request: HttpRequest, campaign: str) -> str:
    """The address of the Stock tab of a campaign, else of its panel alone."""
    there = way(request, "campaigns:stock", campaign)
    return there or reverse("stock:panel", args=[campaign])


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the sale that runs, else opens next, else ended last; else to levels."""
    code = queries.current_campaign(now=clock.now())
    return redirect(tab(request, code) if code else "stock:levels")


@require_GET
def panel(request: HttpRequest, campaign: str) -> HttpResponse:
    """Show where every unit of a campaign is."""
    now = clock.now()
    with one_moment():
        context = _anatomy(campaign, now)
        if context["anatomy"]:
            context |= _allocations(request, campaign, now)
    if not context["anatomy"]:
        check_sale(campaign)
    else:
        context |= _movements(campaign) | _reservations(request, campaign, now)
        context |= _books(campaign, now) | _limits(campaign, now)
        context["waits"] = queries.waits(campaign)
        context |= shown_shortfalls(request, campaign)
        context["shops"] = publishing.told(now=now)
    return show(request, "stock/panel.html", context)


@require_GET
@part_of(tab)
def anatomy(request: HttpRequest, campaign: str) -> HttpResponse:
    """All units as one bar."""
    context = _anatomy(campaign, clock.now())
    return render(request, "stock/_anatomy.html", context)


@require_GET
@part_of(tab)
def allocations(request: HttpRequest, campaign: str) -> HttpResponse:
    """SKU by SKU, with the figures beside them as of the same moment."""
    now = clock.now()
    with one_moment():
        context = _anatomy(campaign, now) | _allocations(request, campaign, now)
    context["alone"] = True
    return render(request, "stock/_allocations.html", context)


@require_GET
@part_of(tab)
def movements(request: HttpRequest, campaign: str) -> HttpResponse:
    """What people decided about the lock."""
    before = request.GET.get("before", "")
    place = int(before) if before.isdecimal() and len(before) < 16 else None
    return render(request, "stock/_movements.html", _movements(campaign, place))


@require_GET
@part_of(tab)
def books(request: HttpRequest, campaign: str) -> HttpResponse:
    """Whether the ledger adds up, in one line."""
    return render(request, "stock/_books.html", _books(campaign, clock.now()))


@require_GET
@part_of(tab)
def limits(request: HttpRequest, campaign: str) -> HttpResponse:
    """Who met the purchase limits."""
    return render(request, "stock/_limits.html", _limits(campaign, clock.now()))


@require_GET
@part_of(tab)
def reservations(request: HttpRequest, campaign: str) -> HttpResponse:
    """Who holds what."""
    context = _reservations(request, campaign, clock.now())
    return render(request, "stock/_reservations.html", context)


def shown_shortfalls(request: HttpRequest, campaign: str) -> Context:
    """What the list of paid units that are missing shows."""
    found = queries.shortfalls(campaign, request.GET.get("short", "1"))
    return {"campaign_code": campaign, "shortfalls": found}


def _anatomy(campaign: str, now: datetime) -> Context:
    return {
        "campaign_code": campaign,
        "anatomy": queries.anatomy(campaign, now=now),
        "oversold": queries.oversold(campaign),
        "limbo": queries.in_limbo(campaign, now=now),
        "missing": queries.missing(campaign),
        "read_at": now,
    }


def _allocations(request: HttpRequest, campaign: str, now: datetime) -> Context:
    asked = queries.Asked(
        text=request.GET.get("q", "")[:60].replace("\0", ""),
        show=request.GET.get("show", "all"),
        sort=request.GET.get("sort", "left"),
        page=request.GET.get("page", "1"),
    )
    return {"asked": asked, "rows": queries.rows(campaign, asked, now=now)}


def _movements(campaign: str, before: int | None = None) -> Context:
    found = queries.changes(campaign, before=before)
    more = len(found) > queries.CHANGES
    return {
        "campaign_code": campaign,
        "changes": found[: queries.CHANGES],
        "earlier": found[-2].place if more else None,
        "later": before is not None,
    }


def _books(campaign: str, now: datetime) -> Context:
    run = queries.last_audit()
    late = run is not None and now > audit_late(run.at, run.ms)
    return {
        "campaign_code": campaign,
        "books": run,
        "late": late,
        "young": run is None and young(now),
    }


def _limits(campaign: str, now: datetime) -> Context:
    found = queries.listed(campaign, now=now)
    return {"campaign_code": campaign, "limits": found, "read_at": now}


def _reservations(request: HttpRequest, campaign: str, now: datetime) -> Context:
    state = request.GET.get("state", "")
    text = request.GET.get("buyer", "")[:128].replace("\0", "")
    before = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    found = queries.holds(campaign, state=state, text=text, before=before, now=now)
    return {
        "campaign_code": campaign,
        "holds": found[: queries.HOLDS],
        "older": found[-2].made_at if len(found) > queries.HOLDS else None,
        "before": before,
        "state": state,
        "buyer": text,
        "states": [(one.value, one.label) for one in HoldState],
        "active": queries.active_holds(campaign, now=now),
        "read_at": now,
    }
