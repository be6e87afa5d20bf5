"""Who may answer for how deep a reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F

from console.campaigns.models import Campaign
from console.campaigns.rules import NotAllowedYet
from console.prices import rules as prices
from console.prices.rules import Offer
from console.shell import policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def check_depth(
    campaign: Campaign, actor: User, *, skus: Sequence[str] | None = None
) -> None:
    """Refuse a plan with a line deeper than somebody with these roles may give.

    skus: codes of the lines somebody answers for; None for every line.

    Raises:
        NotAllowedYet: names the SKU, the limit and a role that may.
    """
    shares = campaign.lines.annotate(share=F("sale_price") / F("regular_price"))
    if skus is not None:
        shares = shares.filter(sku__code__in=skus)
    deepest = shares.select_related("sku").order_by("share", "sku__code").first()
    if deepest is None:
        return
    offer = Offer(deepest.sku.code, deepest.regular_price, deepest.sale_price)
    found = prices.check_depth(offer, [role.value for role in policy.roles(actor)])
    if found:
        raise NotAllowedYet(found.text, field="sale_price")
