"""Where the calendar shows a sale, for whoever looks at another month."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from console.campaigns.models import Campaign
from console.campaigns.queries.spans import KINDS, Span
from console.campaigns.rules import read_day, zone_of


def link_to(request: HttpRequest, campaign: Campaign) -> tuple[str, str] | None:
    """`Show in December`, and the address of that month.

    None for a sale without a date, and where the calendar that asks shows it already.
    """
    if campaign.opens_at is None:
        return None
    day = campaign.opens_at.astimezone(zone_of(settings.SHOP_ZONE)).date()
    seen = _seen(request)
    if seen and seen.has(day):
        return None
    year = "" if day.year == timezone.localdate().year else f" {day.year}"
    there = f"{reverse('campaigns:calendar')}?at={day}"
    return f"Show in {day:%B}{year}", there


def _seen(request: HttpRequest) -> Span | None:
    """The days of the calendar that asks, if one does."""
    htmx = getattr(request, "htmx", None)
    page = urlsplit((htmx and htmx.current_url_abs_path) or "")
    if page.path != reverse("campaigns:calendar"):
        return None
    said = {name: values[-1] for name, values in parse_qs(page.query).items()}
    kind, today = said.get("zoom", "month"), timezone.localdate()
    return Span.of(
        kind if kind in KINDS else "month",
        read_day(said.get("at", ""), today),
        zone=settings.SHOP_ZONE,
        today=today,
    )
