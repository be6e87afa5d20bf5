"""What a sale has used of its budgets, from stock and from what was paid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db import connection
from django.db.models import Q, Sum

from console.campaigns.models import Campaign
from console.campaigns.rules import State
from console.campaigns.rules.budgets import Use, uses
from console.orders.models import Order
from console.stock.models import Sold

DISCOUNT = """
select coalesce(sum(l.units * greatest(
    coalesce(c.regular_price, case when k.currency = %s then k.regular_price end,
        l.price) - l.price, 0)), 0)
from orders_order o join orders_orderline l on l.order_id = o.id
left join stock_sku k on k.code = l.sku
left join campaigns_line c on c.sku_id = k.id and c.campaign_id = %s
where o.campaign = %s
"""
_ANY = (
    Q(budget_units__isnull=False)
    | Q(budget_discount__isnull=False)
    | Q(budget_gmv__isnull=False)
)


def budgeted() -> Iterable[Campaign]:
    """Sales that are live or paused and have a budget."""
    running = Campaign.objects.filter(state__in=[State.LIVE, State.PAUSED])
    return running.filter(_ANY).order_by("pk")


def budget(campaign: Campaign) -> list[Use]:
    """What is used of each budget a sale has; asks only what it must."""
    units, discount, gmv = (
        campaign.budget_units,
        campaign.budget_discount,
        campaign.budget_gmv,
    )
    code = campaign.code
    return uses(
        units=(_units(code) if units else 0, units),
        discount=(_discount(campaign) if discount else Decimal(0), discount),
        gmv=(_gmv(code) if gmv else Decimal(0), gmv),
    )


def _units(code: str) -> int:
    sold = Sold.objects.filter(allocation__campaign=code)
    return int(sold.aggregate(units=Sum("units"))["units"] or 0)


def _gmv(code: str) -> Decimal:
    return Order.objects.of(code).aggregate(sum=Sum("total"))["sum"] or Decimal(0)


def _discount(campaign: Campaign) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(DISCOUNT, [campaign.currency, campaign.pk, campaign.code])
        return Decimal(cursor.fetchone()[0])
