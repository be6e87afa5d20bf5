"""Is every order accounted for? accepted = relayed + waiting + dead + missing.

What is not settled is counted by partial indexes, and relayed is the rest. Whether a
row is missing is told by two counts, of orders and of rows; only where they differ are
the orders looked through one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from console.orders.models import Destination, Order, Outbox
from console.orders.rules import Outgoing

MOST_LISTED = 500


@dataclass(frozen=True)
class Reconciliation:
    """accepted = relayed + queued + dead + lost, always.

    An order counts as relayed once every destination has it. missing: references that
    a destination should have but nobody is sending, or that it says it does not know;
    at most 500 are listed, `lost` counts them all.
    """

    accepted: int
    relayed: int
    queued: int
    dead: int
    lost: int
    missing: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """True if no order is unaccounted for."""
        return self.lost == 0


def reconciliation(campaign: str | None = None) -> Reconciliation:
    """Whether every accepted order is relayed, on its way, or a dead letter.

    One statement counts them all, so that the sum holds while orders come and go.
    """
    gap = _gap() if has_gaps() else Value(False)
    orders = Order.objects.of(campaign).with_unsettled().annotate(gap=_flag(gap))
    counts = orders.values("pk", "gap").annotate(**_ROWS).aggregate(**_ORDERS)
    relayed = counts["accepted"] - counts["dead"] - counts["queued"] - counts["lost"]
    missing: Iterable[str] = ()
    if counts["lost"]:
        missing = missing_orders(campaign).values_list("ref", flat=True)[:MOST_LISTED]
    return Reconciliation(**counts, relayed=relayed, missing=tuple(missing))


_ROWS = {
    "open_rows": Count("open"),
    "dead_rows": Count("open", filter=Q(open__state=Outgoing.DEAD)),
    "lost_rows": Count("open", filter=Q(open__state=Outgoing.SENT)),
}
_LOST = Q(gap=True) | Q(lost_rows__gt=0)
_ORDERS = {
    "accepted": Count("pk"),
    "lost": Count("pk", filter=_LOST),
    "dead": Count("pk", filter=~_LOST & Q(dead_rows__gt=0)),
    "queued": Count("pk", filter=~_LOST & Q(dead_rows=0, open_rows__gt=0)),
}


def _flag(expression: Any) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(expression, output_field=BooleanField())


def missing_orders(campaign: str | None = None) -> QuerySet[Order]:
    """Orders that a destination should have, but has not and is not sent."""
    denied = Q(pk__in=Outbox.objects.lost().values("order"))
    gap = _gap() if has_gaps() else Q()
    found = Order.objects.of(campaign).filter(denied | gap)
    return found.order_by("accepted_at", "pk")


def has_gaps() -> bool:
    """True if any order lacks a row for a destination it should go to.

    Rows are only ever written for orders accepted since the destination was added, so
    that as many rows as orders mean one for each. One statement counts both, so that an
    order that comes meanwhile is in both or in neither.
    """
    told = Destination.objects.annotate(
        every=_count(Order.objects.all()),
        wanted=_count(Order.objects.filter(accepted_at__gte=OuterRef("since"))),
        rows=_count(Outbox.objects.filter(destination=OuterRef("pk"))),
    ).values_list("every", "wanted", "rows")
    if not told:
        return Order.objects.exists()
    homeless = told[0][0] > max(wanted for _, wanted, _ in told)
    return homeless or any(wanted != rows for _, wanted, rows in told)


def _count(found: QuerySet[Any]) -> Coalesce:
    """How many there are, as part of another statement."""
    one = found.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(n=Count("*")).values("n")), 0)


def _gap() -> Q:
    """An order without a row for a destination added before it, or without any."""
    rows = Outbox.objects.filter(order=OuterRef("pk"))
    gap = Q(~Exists(rows))
    for pk, since in Destination.objects.values_list("pk", "since"):
        gap |= Q(~Exists(rows.filter(destination=pk)), accepted_at__gte=since)
    return gap
