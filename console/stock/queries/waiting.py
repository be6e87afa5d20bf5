"""Who waits for what is sold out, what that may cost, and what is owed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from console.stock.models import Allocation, Backorder, Waiter
from console.stock.rules import WaiterState

ROWS = 50
"""SKUs of a sale whose line is shown."""
Prices = Callable[[str, Collection[str]], Mapping[str, tuple[Decimal, str]]]
"""Sale price and currency by SKU code, of a campaign and of these SKUs."""
_priced_by: list[Prices] = []


def priced_by(source: Prices) -> Prices:
    """Register who knows what a sale asks for a unit; a decorator."""
    _priced_by.append(source)
    return source


def _prices(campaign: str, skus: Collection[str]) -> dict[str, tuple[Decimal, str]]:
    found: dict[str, tuple[Decimal, str]] = {}
    for source in _priced_by if skus else ():
        found.update(source(campaign, skus))
    return found


@dataclass(frozen=True)
class InLine:
    """Those who wait, or waited, for one SKU of a sale.

    units: what those who still wait want. price: what one would have paid for a unit.
    """

    sku_code: str
    name: str
    waiting: int
    units: int
    offered: int
    taken: int
    passed: int
    price: Decimal
    currency: str

    @property
    def missed(self) -> Decimal:
        """What those who wait would have paid."""
        return self.units * self.price


@dataclass(frozen=True)
class Waits:
    """The line of a whole sale; owed: units it sold that are not there yet.

    lines: those of the SKUs with the most units. skus, units: of all that somebody
    waits for.
    """

    lines: Sequence[InLine]
    skus: int
    units: int
    owed: int

    @property
    def more(self) -> int:
        """SKUs somebody waits for that are not among the lines."""
        return self.skus - sum(bool(one.units) for one in self.lines)

    @property
    def missed(self) -> dict[str, Decimal]:
        """What those in the lines would have paid, by currency."""
        found: dict[str, Decimal] = {}
        for one in self.lines:
            if one.units:
                found[one.currency] = found.get(one.currency, Decimal()) + one.missed
        return found


def _of(state: WaiterState) -> Count:
    return Count("pk", filter=Q(state=state))


def waits(campaign: str) -> Waits:
    """Who waits in a sale, by SKU, those with the most units first.

    A unit is worth what the sale asks for it, as the room that plans it tells; where
    nobody does, its regular price.
    """
    rows = (
        Waiter.objects.filter(allocation__campaign=campaign)
        .values(
            code=F("allocation__sku__code"),
            name=F("allocation__sku__name"),
            price=F("allocation__sku__regular_price"),
            currency=F("allocation__sku__currency"),
        )
        .annotate(
            waiting=_of(WaiterState.WAITING),
            wanted=Coalesce(Sum("units", filter=Q(state=WaiterState.WAITING)), 0),
            on_offer=_of(WaiterState.OFFERED),
            taken=_of(WaiterState.TAKEN),
            passed=_of(WaiterState.PASSED),
        )
        .order_by("-wanted", "code")[:ROWS]
    )
    asked = _prices(campaign, [row["code"] for row in rows])
    lines = [
        InLine(
            sku_code=row["code"],
            name=row["name"],
            waiting=row["waiting"],
            units=row["wanted"],
            offered=row["on_offer"],
            taken=row["taken"],
            passed=row["passed"],
            price=asked.get(row["code"], (row["price"],))[0],
            currency=asked.get(row["code"], ("", row["currency"]))[1],
        )
        for row in rows
    ]
    awaited = Allocation.objects.filter(campaign=campaign, waiting__gt=0)
    total = awaited.aggregate(skus=Count("pk"), units=Sum("waiting"))
    return Waits(lines, total["skus"], total["units"] or 0, owed(campaign))


def owed(campaign: str) -> int:
    """Units a sale that ended sold and that are still not there."""
    late = Backorder.objects.filter(allocation__campaign=campaign, owed__gt=0)
    total = late.aggregate(units=Sum(F("owed") - F("filled") - F("dropped")))
    return int(total["units"] or 0)
