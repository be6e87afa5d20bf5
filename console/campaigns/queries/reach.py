"""What a campaign is about, for the scopes of people: its categories and markets."""

from __future__ import annotations

from console.campaigns.models import Campaign
from console.campaigns.queries.places import codes_of


def categories(campaign: Campaign) -> frozenset[str]:
    """The category it names and those of its products; without a name is none."""
    found = campaign.lines.order_by().values_list("sku__category", flat=True)
    return frozenset(filter(None, {campaign.category, *found.distinct()}))


def markets(campaign: Campaign) -> frozenset[str]:
    """The markets it is sold in; none in a shop without markets."""
    return frozenset(codes_of([campaign])[campaign.pk])
