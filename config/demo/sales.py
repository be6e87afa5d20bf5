"""Plans sales of the demo retailer through the same operations people use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User

from config.demo.catalogue import PRODUCTS, Product
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms, Terms
from console.fatigue.models import Audience


@dataclass(frozen=True)
class Idea:
    """A sale as somebody would say it in one line."""

    name: str
    audience: str
    category: str
    opens_at: datetime
    lasts: timedelta
    share: Decimal = Decimal(1)
    hold_ttl_s: int = 600
    target: int = 0
    peak_per_min: int = 60

    @property
    def products(self) -> list[Product]:
        """What it sells: everything of its category, or everything."""
        chosen = [p for p in PRODUCTS if p.category == self.category]
        return chosen or PRODUCTS


def draft(idea: Idea, *, now: datetime) -> Campaign:
    """Write a sale down as Aino would: terms, then one line a product."""
    aino = User.objects.get(username="aino")
    zone = ZoneInfo(settings.SHOP_ZONE)
    local = idea.opens_at.astimezone(zone).replace(tzinfo=None)
    until = (idea.opens_at + idea.lasts).astimezone(zone).replace(tzinfo=None)
    terms = Terms(
        name=idea.name,
        audience_id=Audience.objects.get(name=idea.audience).pk,
        owner_id=aino.pk,
        on_call_id=User.objects.get(username="tomasz").pk,
        zone=settings.SHOP_ZONE,
        opens_local=local,
        closes_local=until,
        category=idea.category,
        revenue_target=Decimal(idea.target) if idea.target else None,
        hold_ttl_s=idea.hold_ttl_s,
        expected_orders_peak=idea.peak_per_min,
    )
    campaign = campaigns.create(terms, actor=aino, now=now)
    for product in idea.products:
        _line(campaign, product, idea.share, aino, now)
    return Campaign.objects.get(pk=campaign.pk)


def _line(
    campaign: Campaign, product: Product, share: Decimal, actor: User, now: datetime
) -> None:
    values = LineTerms(
        sale_price=product.sale,
        units=max(1, int(product.units * share)),
        buffer=int(product.buffer * share),
    )
    campaigns.add_line(
        campaign.code, sku_code=product.code, values=values, actor=actor, now=now
    )


def submitted(idea: Idea, *, now: datetime) -> Campaign:
    """Write it down and send it for approval."""
    campaign = draft(idea, now=now)
    aino = User.objects.get(username="aino")
    return campaigns.submit(campaign.code, actor=aino, now=now)


def approved(idea: Idea, *, now: datetime, arm: bool = True) -> Campaign:
    """Write it down, submit it, and have Lena approve it."""
    campaign = submitted(idea, now=now)
    lena = User.objects.get(username="lena")
    return campaigns.approve(
        campaign.code,
        content_hash=campaign.content_hash,
        actor=lena,
        now=now,
        arm=arm,
    )
