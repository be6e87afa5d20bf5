"""What became of the sold units of an order: sent, taken back, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.orders.events import SettledLine, Settling
from console.orders.models import Order
from console.orders.rules import BadOrder, Issue, UnknownOrder
from console.stock import operations as stock
from console.stock.models import Location
from console.stock.operations import Parcel, Settled
from console.stock.rules import SettlementKind

OURS = frozenset({Issue.NONE, Issue.SHORTFALL})
"""Notes of orders whose reservation is theirs and was turned into a sale."""


def settle(source: str, told: Settling, *, now: datetime) -> Settled | None:
    """Settle sold units of an order once by the name of the parcel; None if none are.

    What arrives before what it follows is refused, keeps nothing and may come again.

    Raises:
        UnknownOrder: it was not told as paid by this store, or not yet.
        BadOrder: a location that is not there, or units that are sent damaged.
        As `ship`, `take_back` and `cancel_sale` of stock.
    """
    order = Order.objects.filter(source=source, ref=told.order.ref).first()
    if order is None:
        raise UnknownOrder(
            f"{told.order.ref} was not told as paid. Send order.paid, then this again.",
            field="order.ref",
        )
    back = told.kind == SettlementKind.RETURNED
    if told.order.damaged and not back:
        raise BadOrder(
            "Only what was returned can be damaged. Leave it out.",
            field="order.damaged",
        )
    if order.reservation is None or Issue(order.issue) not in OURS:
        return None
    lines, name = told.order.lines, told.order.id
    parcels = None if lines is None else _parcels(lines)
    if back:
        return stock.take_back(
            order.reservation,
            parcels,
            line=name,
            damaged=told.order.damaged,
            actor=None,
            now=now,
        )
    act = stock.ship if told.kind == SettlementKind.SHIPPED else stock.cancel_sale
    return act(order.reservation, parcels, line=name, actor=None, now=now)


def _parcels(lines: Sequence[SettledLine]) -> list[Parcel]:
    names = {line.location for line in lines if line.location}
    there = dict(Location.objects.filter(name__in=names).values_list("name", "pk"))
    for n, line in enumerate(lines):
        if line.location and line.location not in there:
            raise BadOrder(
                f"There is no location {line.location}. Add it, or leave it out.",
                field=f"order.lines[{n}].location",
            )
    return [Parcel(one.sku, one.units, there.get(one.location)) for one in lines]
