"""How many: what may be sold, what is held, what is left, at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Greatest

from console.shell.arrays import array
from console.stock.models import (
    Allocation,
    Level,
    ReservationLine,
    Sold,
)
from console.stock.rules import SkuState, Want

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


STOPPED = Q(state=SkuState.STOPPED, returned_at=None)
"""Locks of SKUs that somebody stopped."""
OUT = Q(units_left__lte=0)
"""Counted allocations with nothing left, held in checkouts or not."""
ACTED = Q(gone__out_at__isnull=False)
"""Allocations of which shops were told that they are sold out."""


@dataclass(frozen=True)
class Outcome:
    """The units a campaign locked: sold, and not."""

    locked: int
    sold: int
    unsold: int


class Counts(TypedDict):
    """What `counted` adds to an allocation; of what is left, some may be stopped."""

    units_sold: int
    units_expired: int
    units_reserved: int
    units_left: int
    units_stopped: int


@dataclass(frozen=True)
class SkuCount:
    """One allocation at one instant; expired holds count as left to sell.

    backorder: units it may sell before they are there; `left` counts them. stopped:
    those left of a SKU that somebody stopped: they are not for sale now.
    """

    sku_code: str
    name: str
    variant: str
    quantity: int
    buffer: int
    sold: int
    reserved: int
    left: int
    backorder: int = 0
    stopped: int = 0

    @property
    def for_sale(self) -> int:
        """What a buyer can have of it now."""
        return max(0, self.left - self.stopped)


@dataclass(frozen=True)
class Coverage:
    """What a campaign wants of one SKU against what is free; short 0 is covered."""

    sku_id: int
    wanted: int
    free: int
    short: int


def counted(
    allocations: QuerySet[Allocation], now: datetime
) -> QuerySet[WithAnnotations[Allocation, Counts]]:
    """Allocations with their units sold, reserved, left, and left but stopped at `now`.

    Those that were given back are not stopped: nothing of them can be sold anyway.
    """
    sold = Sold.objects.filter(allocation=OuterRef("pk")).values("allocation")
    late = ReservationLine.objects.filter(
        allocation=OuterRef("pk"), held=True, expires_at__lte=now
    ).values("allocation")
    return (
        allocations.annotate(
            units_sold=_sum(sold),
            units_expired=_sum(late),
        )
        .annotate(
            units_reserved=F("taken") - F("units_sold") - F("units_expired"),
            units_left=F("quantity")
            + F("backorder")
            - F("buffer")
            - F("taken")
            + F("units_expired"),
        )
        .annotate(
            units_stopped=Case(
                When(STOPPED, then=Greatest(F("units_left"), 0)),
                default=0,
                output_field=IntegerField(),
            )
        )
    )


def _sum(rows: QuerySet[Any, Any]) -> Coalesce:
    total = rows.annotate(total=Sum("units")).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def counters(campaign: str, *, now: datetime) -> list[SkuCount]:
    """Every SKU of a campaign, by code."""
    allocations = counted(Allocation.objects.filter(campaign=campaign), now)
    return [
        SkuCount(
            sku_code=one.sku.code,
            name=one.sku.name,
            variant=one.sku.variant,
            quantity=one.quantity,
            buffer=one.buffer,
            sold=one.units_sold,
            reserved=one.units_reserved,
            left=one.units_left,
            backorder=one.backorder,
            stopped=one.units_stopped,
        )
        for one in allocations.select_related("sku").order_by("sku__code")
    ]


def sold_out(campaign: str, *, now: datetime) -> tuple[int, int]:
    """SKUs with nothing left, and those of which shops were told so, at one moment."""
    found = counted(Allocation.objects.filter(campaign=campaign), now)
    told = found.aggregate(out=Count("pk", filter=OUT), acted=Count("pk", filter=ACTED))
    return told["out"], told["acted"]


def active_holds(campaign: str, *, now: datetime) -> int:
    """Reservations that are neither paid nor ended nor expired."""
    held = ReservationLine.objects.filter(held=True, expires_at__gt=now)
    of_it = held.filter(allocation__campaign=campaign)
    return int(of_it.aggregate(holds=Count("reservation", distinct=True))["holds"])


def reserved(ids: Iterable[int], *, now: datetime) -> int:
    """Units of these allocations in checkouts."""
    held = ReservationLine.objects.filter(held=True, expires_at__gt=now)
    of_them = held.filter(allocation__in=list(ids))
    return int(of_them.aggregate(units=Sum("units"))["units"] or 0)


def oversold(campaign: str) -> int:
    """Units promised beyond what could be sold: 0, always; the database sees to it."""
    over = Greatest(F("taken") + F("buffer") - F("quantity") - F("backorder"), 0)
    held = Allocation.objects.filter(campaign=campaign)
    return int(held.aggregate(units=Sum(over))["units"] or 0)


def ats(sku_ids: Iterable[int]) -> dict[int, int]:
    """Units available to sell outside any campaign, by SKU; unknown SKUs have none."""
    wanted = set(sku_ids)
    named = RawSQL("select unnest(%s::bigint[])", [array(wanted)])
    rows = Level.objects.filter(sku_id__in=named).values_list("sku_id")
    return dict.fromkeys(wanted, 0) | dict(rows.annotate(Sum("free")))


def outcome(campaign: str) -> Outcome:
    """What a campaign locked and what became of it."""
    paid = Sold.objects.filter(allocation=OuterRef("pk")).values("allocation")
    held = Allocation.objects.filter(campaign=campaign).annotate(units_sold=_sum(paid))
    told = held.aggregate(
        locked=Coalesce(Sum("quantity"), 0),
        sold=Coalesce(Sum("units_sold"), 0),
        unsold=Coalesce(Sum(Greatest(F("quantity") - F("units_sold"), 0)), 0),
    )
    return Outcome(**told)


def coverage(wants: Sequence[Want]) -> list[Coverage]:
    """Whether the free stock covers what is wanted, line by line."""
    free = ats(want.sku_id for want in wants)
    return [
        Coverage(
            sku_id=want.sku_id,
            wanted=want.units,
            free=free[want.sku_id],
            short=max(0, want.units - free[want.sku_id]),
        )
        for want in wants
    ]
