"""Past sales as the table and the page of one show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F

from console.uplift.models import PastSale
from console.uplift.rules.measure import Estimate

PER_PAGE = 25
SHOWN_OFFERS = 200
SORTS = {"opens": "opens_at", "days": "days_since", "depth": "depth"}
SORTS |= {"uplift": "uplift", "skus": "skus", "name": "name"}
FIRST = "-opens"
TOLD = {
    "baseline": "Baseline",
    "lift": "Lift in the sale",
    "dip": "Dip in the 14 days after",
    "cannibalised": "Taken from goods beside it",
    "halo": "Brought to other goods",
    "net": "Net",
}


@dataclass(frozen=True)
class Row:
    """One past sale with its figures, in order lines."""

    sale: PastSale

    @property
    def uplift(self) -> Estimate:
        """Lift ÷ baseline."""
        return figure(self.sale.result, "uplift")

    @property
    def dip(self) -> Estimate:
        """What was missing afterwards."""
        return figure(self.sale.result, "dip")

    @property
    def net(self) -> Estimate:
        """What is left of the lift."""
        return figure(self.sale.result, "net")

    @property
    def at_most(self) -> bool:
        """True while what it took from other goods is unknown."""
        return bool(self.sale.result.get("net_at_most"))


@dataclass(frozen=True)
class Detail:
    """One past sale as its own page shows it."""

    row: Row
    figures: Sequence[tuple[str, Estimate]]
    offers: Sequence[tuple[str, float | None]]
    more: int

    @property
    def trend(self) -> float | None:
        """How much the rest of the shop grew since the weeks of the baseline."""
        told: float | None = self.row.sale.result.get("trend")
        return told


def figure(result: Mapping[str, Any], name: str) -> Estimate:
    """A figure as it was kept; unknown before anything was measured."""
    told = result.get(name)
    return Estimate(**told) if told else Estimate.unknown("Not measured yet.")


def sorting(asked: str) -> str:
    """The sort a reader asked for, or the first one."""
    return asked if asked.lstrip("-") in SORTS else FIRST


def page(number: str | None, *, sort: str = FIRST, measured: bool = False) -> Page[Row]:
    """One page of past sales; those without a value come last either way.

    measured: leave out those whose uplift is unknown.
    """
    column = F(SORTS[sort.lstrip("-")])
    down = sort.startswith("-")
    way = column.desc(nulls_last=True) if down else column.asc(nulls_last=True)
    found = PastSale.objects.order_by(way, "-opens_at", "pk")
    if measured:
        found = found.filter(uplift__isnull=False)
    shown: Page[Any] = Paginator(found, PER_PAGE).get_page(number)
    shown.object_list = [Row(sale) for sale in shown.object_list]
    return shown


def detail(sale: PastSale) -> Detail:
    """Everything about one past sale."""
    figures = [(label, figure(sale.result, name)) for name, label in TOLD.items()]
    shown = [(offer[0], offer[3]) for offer in sale.offers[:SHOWN_OFFERS]]
    more = max(0, len(sale.offers) - SHOWN_OFFERS)
    return Detail(Row(sale), figures, shown, more)
