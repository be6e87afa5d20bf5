"""What a campaign or a template concerns, for the scopes of people."""

from __future__ import annotations

from collections.abc import Iterable

from console.campaigns.models import Campaign, Template
from console.campaigns.queries.places import codes_of
from console.people.concerns import Concern
from console.stock.models import Sku


def categories(campaign: Campaign) -> frozenset[str]:
    """The category it names and those of its products; without a name is none."""
    found = campaign.lines.order_by().values_list("sku__category", flat=True)
    return frozenset(filter(None, {campaign.category, *found.distinct()}))


def markets(campaign: Campaign) -> frozenset[str]:
    """The markets it is sold in; none in a shop without markets."""
    return frozenset(codes_of([campaign])[campaign.pk])


def concern(codes: Iterable[str]) -> Concern:
    """What campaigns concern; of an unknown code, nothing."""
    found = list(Campaign.objects.filter(code__in=list(codes)))
    return Concern(
        frozenset().union(*map(categories, found)),
        frozenset().union(*map(markets, found)),
    )


def template_categories(kept: Template) -> frozenset[str]:
    """The category it names and those of its products that are still there."""
    skus = Sku.objects.filter(code__in=[one["sku"] for one in kept.lines])
    found = skus.order_by().values_list("category", flat=True).distinct()
    return frozenset(filter(None, {kept.terms.get("category"), *found}))


def template_markets(kept: Template) -> frozenset[str]:
    """The markets a sale made from it would be sold in."""
    said = kept.terms
    return markets(Campaign(markets=said["markets"], currency=said["currency"]))
