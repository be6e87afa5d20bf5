"""The lines of a plan as its products table shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from math import floor

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, Sum

from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.queries.readiness.parts import Product
from console.campaigns.queries.readiness.prices import Judged, judged
from console.campaigns.queries.readiness.yardstick import yardstick_of
from console.campaigns.rules import Opening
from console.fatigue import queries as fatigue
from console.fatigue import rules as rules_of_fatigue
from console.prices import queries as prices
from console.prices.rules import Depths, Finding, Guard, claimable, depths
from console.stock import queries as stock

PER_PAGE = 50
WORDS = {
    Guard.NOT_LOWER: "Not lower",
    Guard.PRIOR: "Not lower",
    Guard.FLOOR: "Below cost",
    Guard.DECIMAL_SLIP: "Digit missing?",
    Guard.CURRENCY: "Too fine",
    Guard.CURRENCY_MIXUP: "Currency?",
    Guard.CLAIM: "Small claim",
    Guard.NO_HISTORY: "No history",
    Guard.DEPTH: "Very deep",
}


@dataclass(frozen=True)
class ProductRow:
    """One line with its 30-day low, what the guards found, and what is free.

    free: units beyond those this line asks for; None once the sale holds them.
    usual: what shoppers usually pay in the first channel, None where nobody knows.
    """

    line: Line
    judged: Judged
    free: int | None
    usual: Decimal | None

    @property
    def pk(self) -> int:
        """The line's key."""
        return self.line.pk

    @property
    def sale(self) -> str:
        """The sale price as it is typed."""
        return rules.plain(self.line.sale_price)

    @property
    def cells(self) -> dict[str, str | int]:
        """What may be changed in it, as it is typed."""
        line = self.line
        return {"sale_price": self.sale, "units": line.units, "buffer": line.buffer}

    @property
    def seen(self) -> str:
        """What its cells show, for a save that turns out to be stale."""
        return json.dumps(self.cells)

    @property
    def low(self) -> Decimal | None:
        """The 30-day low."""
        return self.judged.prior.amount if self.judged.prior else None

    @property
    def low_net(self) -> Decimal | None:
        """The 30-day low without tax; None where the row that set it does not say."""
        return self.judged.prior.net if self.judged.prior else None

    @property
    def percent(self) -> int:
        """The claimable reduction; of the list price where there is no history."""
        return claimable(self.low or self.line.regular_price, self.line.sale_price)

    @property
    def depths(self) -> Depths:
        """Off the list price, the 30-day low and the usual price."""
        list_price = self.line.regular_price
        return depths(
            self.line.sale_price, regular=list_price, prior=self.low, usual=self.usual
        )

    @property
    def off_list(self) -> int:
        """Per cent below the list price, rounded down."""
        return floor(100 * (self.depths.regular or 0))

    @property
    def off_usual(self) -> int | None:
        """Per cent below the usual price, rounded down; None if that is unknown."""
        usual = self.depths.usual
        return None if usual is None else floor(100 * usual)

    @property
    def usually(self) -> str:
        """The same in words; empty if that is unknown."""
        usual, percent = self.depths.usual, self.off_usual
        if usual is None or percent is None:
            return ""
        if usual <= 0:
            return "not below usual"
        return f"usual −{percent}%" if percent else "under 1% below usual"

    @property
    def finding(self) -> Finding | None:
        """What must be said below the row."""
        return self.judged.blocking

    @cached_property
    def check(self) -> tuple[str, str]:
        """Tone and word of the last column."""
        if worst := self.judged.worst:
            tone = "bad" if worst.blocks else "warn"
            return tone, WORDS.get(worst.guard, "Look")
        if self.free is not None and self.free < 0:
            return "bad", "Short"
        return ("warn", "Uses all") if self.free == 0 else ("ok", "OK")


@dataclass(frozen=True)
class Totals:
    """The foot of the table. depth: mean reduction of the list prices."""

    count: int
    units: int
    buffer: int
    potential: Decimal
    average: Decimal | None
    depth: Decimal | None


@dataclass(frozen=True)
class Products:
    """One page of the table, and the totals of all pages."""

    page: Page[Line]
    rows: Sequence[ProductRow]
    totals: Totals
    text: str


def products(
    campaign: Campaign,
    *,
    now: datetime,
    text: str = "",
    page: str = "1",
    openings: Sequence[Opening] | None = None,
) -> Products:
    """A page of a plan's products, filtered by text. openings: as resolved, if known.

    The lines of the page are found first and joined with their SKUs then: the other
    way round PostgreSQL joins and sorts all lines of the plan, for fifty of them.
    """
    lines = campaign.lines.order_by("position", "pk")
    if text:
        words = Q(sku__code__icontains=text) | Q(sku__name__icontains=text)
        lines = lines.filter(words | Q(sku__variant__icontains=text))
    found = Paginator(lines, PER_PAGE).get_page(page)
    before = PER_PAGE * (found.number - 1)
    keys = lines.values("pk")[before : before + PER_PAGE]
    shown = Line.objects.filter(pk__in=keys).select_related("sku")
    found.object_list = list(shown.order_by("position", "pk"))
    rows = rows_of(campaign, found.object_list, now=now, openings=openings)
    return Products(found, rows, totals(campaign), text)


def row(line: Line, *, now: datetime) -> ProductRow:
    """One line, after it changed."""
    return rows_of(line.campaign, [line], now=now)[0]


def rows_of(
    campaign: Campaign,
    lines: Sequence[Line],
    *,
    now: datetime,
    openings: Sequence[Opening] | None = None,
) -> list[ProductRow]:
    """Lines with what the price guards and stock say about each."""
    by = yardstick_of(campaign, now=now, openings=openings)
    products = [_product(line) for line in lines]
    found = judged(products, by, min_claim=_least(campaign, now))
    usual = prices.usual(
        (one.sku for one in products),
        by.clocks[0].at,
        channel=by.channels[0],
        currency=by.currency,
    )
    holds = campaign.state in rules.HOLDS_STOCK or campaign.state in rules.OVER
    free = {} if holds else stock.ats(line.sku_id for line in lines)
    return [
        ProductRow(
            line,
            one,
            None if holds else free[line.sku_id] - line.units,
            usual.get(line.sku.code),
        )
        for line, one in zip(lines, found, strict=True)
    ]


def _least(campaign: Campaign, now: datetime) -> int:
    """The smallest discount the policies for people, or for each SKU, ask for."""
    asked = [rules_of_fatigue.EVERYTHING, rules_of_fatigue.EACH_SKU]
    asked.append(fatigue.scope_of(campaign.audience))
    held = fatigue.applicable(asked, now)
    return max((one.min_depth_percent for one in held.values()), default=0)


def _product(line: Line) -> Product:
    sku = line.sku
    return Product(
        line_id=line.pk,
        sku_id=sku.pk,
        sku=sku.code,
        name=sku.name,
        variant=sku.variant,
        regular=line.regular_price,
        sale=line.sale_price,
        units=line.units,
        buffer=line.buffer,
        cost=sku.cost,
        confirmed=line.price_confirmed,
        perishable=sku.perishable,
        on_market_since=sku.on_market_since,
    )


def totals(campaign: Campaign) -> Totals:
    """The sums over every line."""
    sellable = F("units") - F("buffer")
    sums = campaign.lines.aggregate(
        count=Count("pk"),
        all_units=Sum("units"),
        all_buffer=Sum("buffer"),
        potential=Sum(sellable * F("sale_price")),
        sellable=Sum(sellable),
        regular=Sum("regular_price"),
        sale=Sum("sale_price"),
    )
    sold_out, regular = sums["potential"], sums["regular"]
    return Totals(
        count=sums["count"],
        units=sums["all_units"] or 0,
        buffer=sums["all_buffer"] or 0,
        potential=sold_out or Decimal(0),
        average=sold_out / sums["sellable"] if sums["sellable"] else None,
        depth=rules.depth(regular, sums["sale"]) if regular else None,
    )
