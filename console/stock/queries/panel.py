"""What the Stock tab of a campaign shows: where every unit is, and who moved it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.core.paginator import Paginator
from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from console.stock.models import Allocation, Level, SaleGate, Source
from console.stock.queries.counts import Counts, counted
from console.stock.queries.pacing import paces
from console.stock.rules import GateState, pace

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django_stubs_ext import WithAnnotations

ROWS = 50
SORTS = {
    "product": ("sku__name", "sku__variant"),
    "left": ("units_left",),
    "quantity": ("quantity",),
    "sold": ("units_sold",),
}
LOW = Q(units_left__gt=0) & Q(
    units_left__lte=Greatest((F("quantity") - F("buffer")) * pace.LOW_SHARE, 1.0)
)
SHOWS = {"all": Q(), "low": LOW, "out": Q(units_left__lte=0)}


class Places(TypedDict):
    """What `_placed` adds to a counted allocation."""

    units_on_hand: int
    units_elsewhere: int


class _Row(Counts, Places):
    pass


PARTS = {
    "sold": "Sold",
    "resv": "Reserved",
    "left": "Left to sell",
    "buf": "Buffer",
    "free": "Free",
    "comm": "Committed elsewhere",
}


@dataclass(frozen=True)
class Part:
    """One piece of a bar; share is of what is on hand."""

    key: str
    name: str
    units: int
    share: float

    @property
    def width(self) -> str:
        """The share as a length in percent."""
        return f"{100 * self.share:.2f}"


@dataclass(frozen=True)
class Row:
    """One SKU of a campaign; the parts of its bar add up to what is on hand.

    eta: when the rest is gone; None while nothing sells, or nothing is left.
    """

    pk: int
    sku_code: str
    name: str
    variant: str
    on_hand: int
    elsewhere: int
    quantity: int
    buffer: int
    reserved: int
    sold: int
    left: int
    returned: bool
    eta: pace.Eta | None = None

    @property
    def available(self) -> int:
        """On hand and not promised to anybody else."""
        return max(0, self.on_hand - self.elsewhere)

    @property
    def sellable(self) -> int:
        """What the sale may sell in all."""
        return self.quantity - self.buffer

    @property
    def free(self) -> int:
        """Available and not locked."""
        kept = self.sold if self.returned else self.quantity
        return max(0, self.available - kept)

    @property
    def low(self) -> bool:
        """The last tenth."""
        return pace.is_low(self.left, sellable=self.sellable)

    @property
    def bar(self) -> list[Part]:
        """The parts of the bar; after the sale only what was sold is still ours."""
        mine = 0 if self.returned else 1
        units = (
            self.sold,
            self.reserved * mine,
            self.left * mine,
            self.buffer * mine,
            self.free,
            self.elsewhere,
        )
        named = zip(PARTS.items(), units, strict=True)
        return [Part(key, name, n, self._share(n)) for (key, name), n in named]

    @property
    def dims(self) -> list[Part]:
        """The brackets under the bar: each holds what is left of its end."""
        told = {
            "Sellable": self.sellable,
            "Allocation": self.quantity,
            "Available": self.available,
            "On hand": self.on_hand,
        }
        return [Part("", name, n, self._share(n)) for name, n in told.items()]

    def _share(self, units: int) -> float:
        return units / self.on_hand if self.on_hand else 0.0


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see of the table."""

    text: str = ""
    show: str = "all"
    sort: str = "left"
    page: str = "1"


def _placed(
    allocations: QuerySet[WithAnnotations[Allocation, Counts]],
) -> QuerySet[WithAnnotations[Allocation, _Row]]:
    """With units on hand everywhere, and those promised to somebody else."""
    levels = Level.objects.filter(sku=OuterRef("sku")).values("sku")
    ours = Case(
        When(returned_at=None, then=F("quantity")),
        default=F("units_sold"),
        output_field=IntegerField(),
    )
    return allocations.annotate(
        units_on_hand=_of(levels, F("on_hand")),
        units_elsewhere=Greatest(
            _of(levels, F("committed") + F("allocated")) - ours, Value(0)
        ),
    )


def _of(levels: QuerySet[Level, Any], what: Any) -> Coalesce:
    total = levels.annotate(total=Sum(what)).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def _row(one: WithAnnotations[Allocation, _Row]) -> Row:
    return Row(
        pk=one.pk,
        sku_code=one.sku.code,
        name=one.sku.name,
        variant=one.sku.variant,
        on_hand=one.units_on_hand,
        elsewhere=one.units_elsewhere,
        quantity=one.quantity,
        buffer=one.buffer,
        reserved=one.units_reserved,
        sold=one.units_sold,
        left=one.units_left,
        returned=one.returned_at is not None,
    )


def rows(campaign: str, asked: Asked, *, now: datetime) -> Page[Row]:
    """One page of the campaign's SKUs."""
    found = _placed(counted(_of_campaign(campaign), now))
    found = found.filter(SHOWS.get(asked.show, Q()))
    if asked.text:
        words = Q(sku__code__icontains=asked.text) | Q(sku__name__icontains=asked.text)
        found = found.filter(words | Q(sku__variant__icontains=asked.text))
    page = Paginator(_sorted(found, asked.sort), ROWS).get_page(asked.page)
    page.object_list = _timed(campaign, [_row(one) for one in page.object_list], now)
    return page


def _timed(campaign: str, rows: list[Row], now: datetime) -> list[Row]:
    """With the time at which each sells out, while the sale takes reservations."""
    found = paces(campaign, [row.pk for row in rows if row.left > 0], now=now)
    return [
        replace(row, eta=found[row.pk].sellout(row.left)) if row.pk in found else row
        for row in rows
    ]


def row(allocation_id: int, *, now: datetime) -> Row:
    """One SKU of a campaign.

    Raises:
        Allocation.DoesNotExist: there is none.
    """
    found = Allocation.objects.filter(pk=allocation_id).select_related("sku")
    return _row(_placed(counted(found, now)).get())


def _of_campaign(campaign: str) -> QuerySet[Allocation]:
    return Allocation.objects.filter(campaign=campaign).select_related("sku")


def _sorted(found: QuerySet[Any], sort: str) -> QuerySet[Any]:
    down = sort.startswith("-")
    keys = SORTS.get(sort.lstrip("-"), SORTS["left"])
    return found.order_by(*(f"-{key}" if down else key for key in keys), "sku__code")


@dataclass(frozen=True)
class Anatomy:
    """All units of a campaign's SKUs, by where they are."""

    skus: int
    locations: int
    row: Row
    low: int
    out: int
    gate: SaleGate | None

    @property
    def over(self) -> bool:
        """Nothing can be sold any more, so there is nothing to resize."""
        return self.gate is not None and self.gate.state == GateState.CLOSED


def anatomy(campaign: str, *, now: datetime) -> Anatomy | None:
    """The campaign as one bar; None while nothing is locked."""
    found = _placed(counted(_of_campaign(campaign), now))
    sums = found.aggregate(
        skus=Sum(Value(1)),
        low=Sum(Value(1), filter=LOW),
        out=Sum(Value(1), filter=SHOWS["out"]),
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
}


def _total(sums: dict[str, int]) -> Row:
    units = {name.removeprefix("all_"): sums[name] for name in _SUMS}
    nobody = {"pk": 0, "sku_code": "", "name": "", "variant": ""}
    return Row(**nobody, **units, returned=not sums["held"])  # type: ignore[arg-type]
