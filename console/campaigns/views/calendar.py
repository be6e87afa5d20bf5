"""The calendar page."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries
from console.campaigns.queries.calendar import calendar as grid
from console.campaigns.queries.spans import KINDS
from console.fatigue.rules import Kind
from console.shell.show import show

LANES = {
    Kind.AUDIENCE: "By audience",
    Kind.CATEGORY: "By category",
    Kind.BRAND: "By brand",
}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month, a quarter or a year of sales."""
    now = timezone.now()
    zoom, by = request.GET.get("zoom", ""), request.GET.get("by", "")
    cal = grid(
        zoom if zoom in KINDS else "month",
        _day(request.GET.get("at", ""), timezone.localdate(now)),
        by=Kind(by) if by in set(LANES) else Kind.AUDIENCE,
        zone=settings.SHOP_ZONE,
        now=now,
    )
    context = {
        "cal": cal,
        "any": queries.exist(),
        "zooms": [(kind, kind.capitalize()) for kind in KINDS],
        "ways": [(kind.value, words) for kind, words in LANES.items()],
    }
    return show(request, "campaigns/calendar.html", context)


def _day(text: str, today: date) -> date:
    """`2026-11-27`, or `2026-11` for the first of the month; else today.

    Only years a calendar can show with a year on either side.
    """
    try:
        found = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return today
    return found if 1971 <= found.year <= 2398 else today
