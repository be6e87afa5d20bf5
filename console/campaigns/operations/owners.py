"""Owning the prices of a campaign's SKUs, where and while it runs."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction

from console.campaigns.models import Campaign
from console.campaigns.queries import conflicts, places
from console.campaigns.rules import PriceOwned

OWN = """
insert into campaigns_priceowner (campaign_id, sku_id, places, during)
select campaign_id, sku_id, %(places)s::int4multirange, tstzrange(%(opens)s, %(closes)s)
from campaigns_line where campaign_id = %(campaign)s order by sku_id
"""
CONSTRAINT = "price_has_one_owner"


def own(campaign: Campaign) -> None:
    """Own every SKU of a locked campaign from now on, in the caller's transaction.

    What it owned before is replaced, so this also follows an amendment. A rival that
    is being approved is waited for; in order of SKU, so that two never wait for each
    other.

    Raises:
        PriceOwned: another campaign has one of them; names it.
    """
    said: dict[str, Any] = {
        "campaign": campaign.pk,
        "places": places.numbers_of(campaign),
        "opens": campaign.opens_at,
        "closes": campaign.closes_at,
    }
    campaign.owned.all().delete()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(OWN, said)
    except IntegrityError as error:
        if CONSTRAINT not in str(error):
            raise
        raise _owned(campaign) from error


def _owned(campaign: Campaign) -> PriceOwned:
    first = next((one for one in conflicts.of(campaign) if one.owns), None)
    if first is None:
        text = "Another campaign was approved for the same SKUs meanwhile."
        return PriceOwned(f"{text} Look at the verdict again.")
    return PriceOwned(
        f"{first.said}. Take them out of one of the two, or move one of them.",
        detail={"campaign": first.code, "skus": list(first.skus)},
    )
