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
from console.campaigns.models import Campaign, Occasion
from console.campaigns.operations import LineTerms, Terms
from console.campaigns.rules.reaching import Contact
from console.fatigue.models import Audience

UNITS_PER_ORDER = Decimal("1.14")
SELL_THROUGH = Decimal("0.9")
WAR_ROOM = "https://meet.tarnfell.example/doorbuster"
CONTACTS = [
    Contact("Tomasz Wilk", "On call", "+49 30 5550 101"),
    Contact("Aino Virtanen", "Owner", "#sale-desk"),
    Contact("Shop platform", "Escalation", "platform@tarnfell.example"),
]
"""Called in this order while a sale runs."""


@dataclass(frozen=True)
class Idea:
    """A sale as somebody would say it in one line.

    orders: how many it hopes for; stock and target follow from it.
    only: beginnings of the SKU codes it sells.
    """

    code: str
    name: str
    audience: str
    category: str
    opens_at: datetime
    lasts: timedelta
    orders: int
    only: tuple[str, ...]
    hold_ttl_s: int = 600
    peak_per_min: int = 60
    occasion: str = ""

    @property
    def products(self) -> list[Product]:
        """What it sells."""
        return [p for p in PRODUCTS if p.code.startswith(self.only)]

    @property
    def share(self) -> Decimal:
        """The part of a doorbuster's units that this many orders ask for."""
        units = sum(product.units - product.buffer for product in self.products)
        wanted = self.orders * UNITS_PER_ORDER / SELL_THROUGH
        return min(Decimal(1), wanted / units)

    @property
    def target(self) -> Decimal:
        """Revenue hoped for, in whole hundreds."""
        pull = sum(product.pull for product in self.products)
        price = sum((p.sale * p.pull for p in self.products), Decimal(0)) / pull
        return (self.orders * UNITS_PER_ORDER * price).quantize(Decimal("1E2"))


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
        revenue_target=idea.target.normalize() + 0,
        occasion_id=_occasion(idea),
        hold_ttl_s=idea.hold_ttl_s,
        expected_orders_peak=idea.peak_per_min,
    )
    campaign = campaigns.create(terms, actor=aino, now=now, code=idea.code)
    campaigns.set_contacts(
        campaign.code, CONTACTS, war_room=WAR_ROOM, actor=aino, now=now
    )
    for product in idea.products:
        _line(campaign, product, idea.share, aino, now)
    return Campaign.objects.get(pk=campaign.pk)


def _occasion(idea: Idea) -> int | None:
    found = Occasion.objects.filter(name=idea.occasion).first()
    return found.pk if found else None


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


def undated(idea: Idea, *, now: datetime) -> Campaign:
    """Write it down, and leave the day open."""
    campaign = draft(idea, now=now)
    return campaigns.move(
        campaign.code,
        opens_local=None,
        closes_local=None,
        version=campaign.version,
        actor=User.objects.get(username="aino"),
        now=now,
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
