"""The calendar page, and its lanes as feeds for other calendars."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from console.campaigns import feeds, queries
from console.campaigns.queries.calendar import calendar as grid
from console.campaigns.queries.calendar import titles
from console.campaigns.queries.lost import lost
from console.campaigns.queries.spans import KINDS
from console.campaigns.rules import read_day
from console.campaigns.views.asked import actor
from console.fatigue.rules import Kind, Scope
from console.shell import policy
from console.shell.show import show

LANES = {
    Kind.AUDIENCE: "By audience",
    Kind.CATEGORY: "By category",
    Kind.BRAND: "By brand",
    Kind.MARKET: "By market",
}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month, a quarter or a year of sales."""
    now = timezone.now()
    zoom, by = request.GET.get("zoom", ""), request.GET.get("by", "")
    cal = grid(
        zoom if zoom in KINDS else "month",
        read_day(request.GET.get("at", ""), timezone.localdate(now)),
        by=Kind(by) if by in set(LANES) else Kind.AUDIENCE,
        zone=settings.SHOP_ZONE,
        now=now,
        only=request.GET.getlist("lane"),
    )
    context = {
        "cal": cal,
        "any": queries.exist(),
        "zooms": [(kind, kind.capitalize()) for kind in KINDS],
        "may_edit": policy.may(request.user, "campaigns.edit"),
        "ways": [(kind.value, words) for kind, words in LANES.items()],
        "lost": lost(cal.span, now=now) if request.GET.get("claims") else None,
    }
    return show(request, "campaigns/calendar.html", context)


@require_safe
def subscribe(request: HttpRequest) -> HttpResponse:
    """Show the address of each lane's feed; each is this person's own."""
    by = request.GET.get("by", "")
    rows = addresses(request, Kind(by) if by in set(LANES) else Kind.AUDIENCE)
    return show(request, "campaigns/subscribe.html", {"feeds": rows})


def addresses(request: HttpRequest, by: Kind) -> list[tuple[str, str]]:
    """Each lane's title and the address of its feed for whoever asks."""
    owner, lanes = actor(request), titles(by)
    return [(title, _address(request, owner, lane)) for lane, title in lanes.items()]


def _address(request: HttpRequest, owner: User, lane: Scope) -> str:
    there = reverse("campaigns:feed", args=[feeds.token(owner, lane)])
    return request.build_absolute_uri(there)


@require_safe
@conditional_page
def feed(_request: HttpRequest, token: str) -> HttpResponse:
    """A lane in iCalendar form, for whoever holds its address."""
    body = feeds.ical(feeds.opened(token), now=timezone.now())
    reply = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    reply["Cache-Control"] = "private, max-age=300"
    return reply
