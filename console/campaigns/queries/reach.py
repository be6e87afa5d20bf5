"""What a campaign is about, for the scopes of people: its categories and markets."""

from __future__ import annotations

from console.campaigns.models import Campaign

NO_MARKETS: frozenset[str] = frozenset()


def categories(campaign: Campaign) -> frozenset[str]:
    """The category it names and those of its products; without a name is none."""
    found = campaign.lines.order_by().values_list("sku__category", flat=True)
    return frozenset(filter(None, {campaign.category, *found.distinct()}))


def markets(_campaign: Campaign) -> frozenset[str]:
    """The markets it is sold in; campaigns have none so far."""
    return NO_MARKETS
