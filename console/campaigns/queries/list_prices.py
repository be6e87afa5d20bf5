"""What the list price of a SKU is in the currency of a campaign: asked nowhere else.

The catalogue names one, in one currency. In another it is the regular price that the
price history holds, of the channel the evidence of the sale is about; where there is
none nobody knows it, and a person has to say it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, F, OuterRef, Subquery, When

from console.campaigns.models import Campaign
from console.prices import queries as prices
from console.prices.models import WEB, PricePoint
from console.stock.models import Sku

LISTED = """
case when k.currency = %(currency)s then k.regular_price else (
    select p.amount from prices_pricepoint p
    where p.sku = k.code and p.channel = %(channel)s and p.currency = %(currency)s
        and p.from_at <= %(now)s and p.reason <> 'sale'
    order by p.from_at desc, p.id desc limit 1) end
"""
"""The same of a SKU `k` for statements that are written out; asked of `asked`."""


def known(
    campaign: Campaign, skus: Iterable[Sku], *, now: datetime
) -> dict[str, Decimal]:
    """The list price of each SKU by its code; one that nobody said is left out.

    One query, none where the catalogue names all of them in the campaign's currency.
    """
    there = list(skus)
    currency = campaign.currency
    found = {sku.code: sku.regular_price for sku in there if sku.currency == currency}
    others = [sku.code for sku in there if sku.code not in found]
    if not others:
        return found
    channel = channel_of(campaign)
    return found | prices.regular(others, now, channel=channel, currency=currency)


def column(campaign: Campaign, *, now: datetime) -> Case:
    """The same as a column of the campaign's lines; null where nobody said it."""
    currency = campaign.currency
    history = PricePoint.objects.filter(sku=OuterRef("sku__code")).regular(
        now, channel=channel_of(campaign), currency=currency
    )
    return Case(
        When(sku__currency=currency, then=F("sku__regular_price")),
        default=Subquery(history.values("amount")[:1]),
    )


def asked(campaign: Campaign, *, now: datetime) -> dict[str, str | datetime]:
    """The values that `LISTED` names."""
    channel = channel_of(campaign)
    return {"currency": campaign.currency, "channel": channel, "now": now}


def channel_of(campaign: Campaign) -> str:
    """The channel whose history counts: the web if it is sold there, else the first."""
    return WEB if WEB in campaign.channels else campaign.channels[0]


def unsaid(sku_code: str, currency: str) -> str:
    """The sentence where nobody knows it."""
    return f"Say the list price of {sku_code} in {currency}."
