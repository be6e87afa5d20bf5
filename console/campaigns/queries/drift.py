"""What moved since a sale was approved: the catalogue below it, not the sale itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Window
from django.db.models.functions import Abs

from console.campaigns.models import Campaign, SourceFilter
from console.campaigns.queries import list_prices
from console.campaigns.rules import COUNTED, OVER
from console.stock.models import Sku

SHOWN = 50


@dataclass(frozen=True)
class Joined:
    """SKUs that match a filter of the sale by now, or no longer do.

    count: all of them; skus: the first few.
    """

    source: SourceFilter
    count: int
    skus: Sequence[Sku]
    left: int


@dataclass(frozen=True)
class Repriced:
    """A SKU whose list price is not the one that was approved."""

    sku: str
    name: str
    approved: Decimal
    now: Decimal


@dataclass(frozen=True)
class Drift:
    """Everything that moved; repriced: the first few of `prices`."""

    joined: Sequence[Joined]
    repriced: Sequence[Repriced]
    prices: int

    @property
    def any(self) -> bool:
        """True if something moved."""
        return bool(self.prices or any(one.count or one.left for one in self.joined))


def drift(campaign: Campaign, *, now: datetime) -> Drift:
    """What moved since the approval; nothing where there is none, or it is over.

    A list price that nobody knows in the campaign's currency has not moved.
    """
    if campaign.state not in COUNTED or campaign.state in OVER:
        return Drift((), (), 0)
    lines = campaign.lines.annotate(listed=list_prices.column(campaign, now=now))
    gap = Abs(F("regular_price") - F("listed"))  # which looks it up once a line
    moved = lines.annotate(gap=gap).filter(gap__gt=0)
    moved = moved.annotate(total=Window(Count("*")))  # counted in the same look-up
    rows = list(moved.select_related("sku").order_by("position", "pk")[:SHOWN])
    found = [
        Repriced(line.sku.code, str(line.sku), line.regular_price, line.listed)
        for line in rows
    ]
    count = rows[0].total if rows else 0
    return Drift(_joined(campaign), found, count)


def _joined(campaign: Campaign) -> list[Joined]:
    ours = campaign.lines.values("sku")
    told = []
    sources = list(campaign.sources.order_by("pk"))
    for one in sources:
        new = one.matching.exclude(pk__in=ours).exclude(pk__in=one.passed_over)
        told.append(Joined(one, new.count(), list(new.order_by("code")[:SHOWN]), 0))
    if len(sources) != 1:
        return told
    only = sources[0]
    still = only.matching.values("pk")
    items = campaign.lines.exclude(sku__in=still).count()
    return [Joined(only, told[0].count, told[0].skus, items)]
