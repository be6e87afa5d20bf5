"""What people see of things without a counter, JSON-safe; the hash is their version."""

from __future__ import annotations

from typing import Any

from console.campaigns.models import Announcement, Campaign, Market, Occasion, Outlet
from console.campaigns.models.market import WEB
from console.campaigns.rules import Told, plain


def people(campaign: Campaign) -> dict[str, Any]:
    """Whom to reach, in order, and where people meet."""
    return {"contacts": campaign.contacts, "war_room": campaign.war_room}


def told(one: Told) -> dict[str, Any]:
    """One announcement."""
    return {"medium": one.medium.value, "when": one.when, "share": plain(one.share)}


def announcement(row: Announcement) -> dict[str, Any]:
    """One announcement that is kept."""
    return told(row.told)


def market(one: Market) -> dict[str, Any]:
    """A market with its countries."""
    named = ("code", "name", "zone", "currency", "pack", "options")
    said = {name: getattr(one, name) for name in named}
    listed = one.countries.order_by("country").values_list("country", flat=True)
    return said | {"countries": list(listed)}


def occasion(one: Occasion) -> dict[str, Any]:
    """What may justify a sale."""
    return {"name": one.name, "on": one.on.isoformat()}


def place(shop: str) -> dict[str, Any]:
    """Where a connected shop sells; one nobody placed sells everywhere on the web."""
    held = Outlet.objects.filter(connection=shop).first()
    codes = held.markets.values_list("code", flat=True) if held else ()
    return {"channel": held.channel if held else WEB, "markets": sorted(codes)}
