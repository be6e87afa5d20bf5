"""What the Stock tab of a campaign shows: where every unit is, and who moved it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Greatest

from console.stock.models import Allocation, SaleGate, Source
from console.stock.queries.counts import ACTED, OUT, STOPPED, counted
from console.stock.queries.pacing import paces
from console.stock.queries.rows import Row, made, placed
from console.stock.queries.soldout import gone
from console.stock.rules import GateState, pace
from console.stock.rules.soldout import need_to_change

if TYPE_CHECKING:
    from django.core.paginator import Page

ROWS = 50
SORTS = {
    "product": ("sku__name", "sku__variant"),
    "left": ("units_left",),
    "quantity": ("quantity",),
    "sold": ("units_sold",),
}
SELLABLE = F("quantity") + F("backorder") - F("buffer")
FEW = Q(units_left__lte=Greatest(SELLABLE * pace.LOW_SHARE, 1.0))
LOW = Q(returned_at=None, units_left__gt=0) & FEW & ~STOPPED
SHOWS = {"all": Q(), "low": LOW, "out": OUT}


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see of the table."""

    text: str = ""
    show: str = "all"
    sort: str = "left"
    page: str = "1"


def rows(campaign: str, asked: Asked, *, now: datetime) -> Page[Row]:
    """One page of the campaign's SKUs."""
    found = placed(counted(_of_campaign(campaign), now))
    found = found.filter(SHOWS.get(asked.show, Q()))
    if asked.text:
        words = Q(sku__code__icontains=asked.text) | Q(sku__name__icontains=asked.text)
        found = found.filter(words | Q(sku__variant__icontains=asked.text))
    page = Paginator(_sorted(found, asked.sort), ROWS).get_page(asked.page)
    timed = _timed(campaign, [made(one) for one in page.object_list], now)
    out = gone(row.pk for row in timed)
    page.object_list = [replace(row, gone=out.get(row.pk)) for row in timed]
    return page


def _timed(campaign: str, rows: list[Row], now: datetime) -> list[Row]:
    """With the time at which each sells out, while buyers can reserve it."""
    found = paces(campaign, [row.pk for row in rows if row.for_sale], now=now)
    return [
        replace(row, eta=found[row.pk].sellout(row.for_sale))
        if row.pk in found
        else row
        for row in rows
    ]


def row(allocation_id: int, *, now: datetime) -> Row:
    """One SKU of a campaign.

    Raises:
        Allocation.DoesNotExist: there is none.
    """
    found = Allocation.objects.filter(pk=allocation_id).select_related("sku")
    return made(placed(counted(found, now)).get())


def _of_campaign(campaign: str) -> QuerySet[Allocation]:
    return Allocation.objects.filter(campaign=campaign).select_related("sku")


def _sorted(found: QuerySet[Any], sort: str) -> QuerySet[Any]:
    down = sort.startswith("-")
    keys = SORTS.get(sort.lstrip("-"), SORTS["left"])
    return found.order_by(*(f"-{key}" if down else key for key in keys), "sku__code")


@dataclass(frozen=True)
class Anatomy:
    """All units of a campaign's SKUs, by where they are.

    out: SKUs with nothing left; acted: those of which shops were told so.
    """

    skus: int
    locations: int
    row: Row
    low: int
    out: int
    acted: int
    gate: SaleGate | None

    @property
    def need_for_sold_out(self) -> str:
        """What somebody needs to say what shops do once a SKU is sold out."""
        state = GateState(self.gate.state) if self.gate else None
        return need_to_change(state, locked=not self.row.returned)

    @property
    def over(self) -> bool:
        """Nothing can be sold any more, so there is nothing to resize."""
        return self.gate is not None and self.gate.state == GateState.CLOSED


def anatomy(campaign: str, *, now: datetime) -> Anatomy | None:
    """The campaign as one bar; None while nothing is locked."""
    found = placed(counted(_of_campaign(campaign), now))
    sums = found.aggregate(
        skus=Sum(Value(1)),
        low=Sum(Value(1), filter=LOW),
        out=Sum(Value(1), filter=OUT),
        acted=Sum(Value(1), filter=ACTED),
        held=Sum(Value(1), filter=Q(returned_at=None)),
        **{name: Sum(source) for name, source in _SUMS.items()},
    )
    if not sums["skus"]:
        return None
    sources = Source.objects.filter(allocation__campaign=campaign)
    return Anatomy(
        skus=sums["skus"],
        locations=sources.values("location").distinct().count(),
        row=_total(sums),
        low=sums["low"] or 0,
        out=sums["out"] or 0,
        acted=sums["acted"] or 0,
        gate=SaleGate.objects.filter(campaign=campaign).first(),
    )


_SUMS = {
    "all_on_hand": "units_on_hand",
    "all_elsewhere": "units_elsewhere",
    "all_quantity": "quantity",
    "all_buffer": "buffer",
    "all_reserved": "units_reserved",
    "all_sold": "units_sold",
    "all_left": "units_left",
    "all_backorder": "backorder",
    "all_beyond": "units_beyond",
    "all_waiting": "waiting",
    "all_stopped_left": "units_stopped",
    "all_stopped_there": "units_stopped_there",
}


def _total(sums: dict[str, int]) -> Row:
    units = {name.removeprefix("all_"): sums[name] for name in _SUMS}
    nobody = {"pk": 0, "sku_code": "", "name": "", "variant": ""}
    return Row(**nobody, **units, returned=not sums["held"])  # type: ignore[arg-type]
