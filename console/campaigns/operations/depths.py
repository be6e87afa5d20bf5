"""Who may answer for how deep a reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from console.campaigns.models import Campaign
from console.campaigns.rules import NotAllowedYet
from console.prices import rules as prices
from console.prices.rules import Offer
from console.shell import policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def check_depth(campaign: Campaign, actor: User) -> None:
    """Refuse a plan with a line deeper than somebody with these roles may give.

    Raises:
        NotAllowedYet: names the SKU, the limit and a role that may.
    """
    shares = campaign.lines.annotate(share=F("sale_price") / F("regular_price"))
    deepest = shares.select_related("sku").order_by("share", "sku__code").first()
    if deepest is None:
        return
    offer = Offer(deepest.sku.code, deepest.regular_price, deepest.sale_price)
    found = prices.check_depth(offer, [role.value for role in policy.roles(actor)])
    if found:
        raise NotAllowedYet(found.text, field="sale_price")
