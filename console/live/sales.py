"""The sales a board can show, in the few words the board needs."""

from __future__ import annotations

from console.campaigns.models import Campaign
from console.campaigns.rules import UnknownCampaign
from console.live.facts import Sale


def running() -> list[Sale]:
    """Sales from warming to ending, by opening."""
    found = Campaign.objects.running().select_related("audience")
    return [of(one) for one in found.order_by("opens_at", "pk")]


def named(code: str) -> Sale | None:
    """The sale of a code."""
    found = Campaign.objects.filter(code=code).select_related("audience").first()
    return of(found) if found else None


def known(code: str) -> Sale:
    """The sale of a code.

    Raises:
        UnknownCampaign: there is none.
    """
    sale = named(code)
    if sale is None:
        raise UnknownCampaign(f"There is no campaign {code}.")
    return sale


def of(campaign: Campaign) -> Sale:
    """A campaign as live reads it."""
    return Sale(
        key=campaign.pk,
        code=campaign.code,
        name=campaign.name,
        state=str(campaign.state),
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        opened_at=campaign.opened_at,
        ended_at=campaign.ended_at,
        zone=campaign.zone,
        currency=campaign.currency,
        target=campaign.revenue_target,
        hold_ttl_s=campaign.hold_ttl_s,
        peak_per_minute=float(campaign.expected_orders_peak),
        audience=campaign.audience.name,
        category=campaign.category,
        budgeted=bool(
            campaign.budget_units or campaign.budget_discount or campaign.budget_gmv
        ),
    )
