"""One SKU of a sale as the Stock tab shows it: where each of its units is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least

from console.stock.models import Allocation, Level
from console.stock.queries.counts import STOPPED, Counts
from console.stock.queries.soldout import Gone
from console.stock.rules import SkuState, pace

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Places(TypedDict):
    """What `placed` adds to a counted allocation."""

    units_on_hand: int
    units_elsewhere: int
    units_beyond: int
    units_stopped_there: int


class _Row(Counts, Places):
    pass


PARTS = {
    "sold": "Sold",
    "resv": "Reserved",
    "left": "Left to sell",
    "stop": "Stopped",
    "buf": "Buffer",
    "free": "Free",
    "comm": "Committed elsewhere",
}

GIVEN_BACK = {"resv", "left", "stop", "buf"}
NOTHING_OFTEN = {"stop"}
"""Parts that are left out where they hold nothing."""


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
    backorder: units it may sell before they are there; beyond: those it has sold or
    holds of them. waiting: units that buyers wait for. gone: what becomes of it once it
    is sold out, if that is out of the ordinary. stopped_left: of what is left, what
    somebody stopped, so that it is not for sale; stopped_there: of those on hand.
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
    state: str = SkuState.OPEN
    backorder: int = 0
    promise_at: datetime | None = None
    beyond: int = 0
    waiting: int = 0
    eta: pace.Eta | None = None
    gone: Gone | None = None
    stopped_left: int = 0
    stopped_there: int = 0

    @property
    def available(self) -> int:
        """On hand and not promised to anybody else."""
        return max(0, self.on_hand - self.elsewhere)

    @property
    def sellable(self) -> int:
        """What the sale may sell in all."""
        return self.quantity - self.buffer

    @property
    def can_hold_back(self) -> int:
        """The largest buffer there can be: what is there and nobody holds or bought."""
        return max(0, self.quantity - min(self.reserved + self.sold, self.sellable))

    @property
    def free(self) -> int:
        """Available and not locked."""
        kept = self.sold - self.beyond if self.returned else self.quantity
        return max(0, self.available - kept)

    @property
    def low(self) -> bool:
        """The last tenth of what is for sale, until it is given back."""
        return not self.returned and pace.is_low(
            self.for_sale, sellable=self.sellable + self.backorder
        )

    @property
    def for_sale(self) -> int:
        """What is left and not stopped."""
        return max(0, self.left - self.stopped_left)

    @property
    def stopped(self) -> bool:
        """Nobody can reserve it."""
        return self.state == SkuState.STOPPED and not self.returned

    @property
    def there(self) -> tuple[int, int, int]:
        """Of what is sold, reserved and left, the units that are on hand."""
        late = min(self.beyond, self.reserved)
        left = self.left - self.backorder + self.beyond
        return self.sold - self.beyond + late, self.reserved - late, max(0, left)

    @property
    def bar(self) -> list[Part]:
        """The parts of the bar; after the sale only what was sold is still ours.

        What it held back or had left is then free, and has no part of its own.
        """
        mine = 0 if self.returned else 1
        sold, reserved, left = self.there if mine else (self.sold - self.beyond, 0, 0)
        units = (
            sold,
            reserved,
            left - self.stopped_there * mine,
            self.stopped_there * mine,
            self.buffer * mine,
            self.free,
            self.elsewhere,
        )
        named = zip(PARTS.items(), units, strict=True)
        parts = [Part(key, name, n, self._share(n)) for (key, name), n in named]
        hidden = {one.key for one in parts if not one.units} & NOTHING_OFTEN
        hidden |= set() if mine else GIVEN_BACK
        return [one for one in parts if one.key not in hidden]

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


def placed(
    allocations: QuerySet[WithAnnotations[Allocation, Counts]],
) -> QuerySet[WithAnnotations[Allocation, _Row]]:
    """With units on hand everywhere, those promised elsewhere, and those not there.

    And of those that are stopped, the ones on hand.
    """
    levels = Level.objects.filter(sku=OuterRef("sku")).values("sku")
    ours = Case(
        When(returned_at=None, then=F("quantity")),
        default=Least(F("units_sold"), F("quantity")),
        output_field=IntegerField(),
    )
    return allocations.annotate(
        units_on_hand=_of(levels, F("on_hand")),
        units_elsewhere=Greatest(
            _of(levels, F("committed") + F("allocated")) - ours, Value(0)
        ),
        units_beyond=Greatest(
            Case(
                When(
                    returned_at=None,
                    then=F("taken") - F("units_expired") + F("buffer") - F("quantity"),
                ),
                default=F("units_sold") - F("quantity"),
            ),
            Value(0),
        ),
    ).annotate(
        units_stopped_there=Case(
            When(STOPPED, then=Greatest(_LEFT_THERE, 0)),
            default=0,
            output_field=IntegerField(),
        )
    )


_LEFT_THERE = F("units_left") - F("backorder") + F("units_beyond")


def _of(levels: QuerySet[Level, Any], what: Any) -> Coalesce:
    total = levels.annotate(total=Sum(what)).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def made(one: WithAnnotations[Allocation, _Row]) -> Row:
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
        state=one.state,
        backorder=one.backorder,
        promise_at=one.promise_at,
        beyond=one.units_beyond,
        waiting=one.waiting,
        stopped_left=one.units_stopped,
        stopped_there=one.units_stopped_there,
    )
