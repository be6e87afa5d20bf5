"""The calendar page."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries
from console.campaigns.queries.calendar import calendar as grid
from console.fatigue import queries as fatigue
from console.shell.show import show


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month or a quarter of sales."""
    now = timezone.now()
    zoom = request.GET.get("zoom", "month")
    audience = request.GET.get("audience", "")
    context = {
        "cal": grid(
            zoom,
            _day(request.GET.get("at", ""), timezone.localdate(now)),
            audience=audience,
            zone=settings.SHOP_ZONE,
            now=now,
        ),
        "audience": audience,
        "audiences": fatigue.audiences(),
        "any": queries.exist(),
        "zooms": [("month", "Month"), ("quarter", "Quarter")],
    }
    return show(request, "campaigns/calendar.html", context)


def _day(text: str, today: date) -> date:
    """`2026-11-27`, or `2026-11` for the first of the month; else today."""
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return today
