"""Orders as the page lists them: filtered, paged, each with how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet

from console.orders.models import Order, Outbox
from console.orders.rules import WAITING, Issue, Outgoing

PER_PAGE = 50
WORST = (Outgoing.DEAD, Outgoing.LEASED, Outgoing.QUEUED, Outgoing.SENT)


@dataclass(frozen=True)
class Wanted:
    """What a reader filters by; empty means everything."""

    text: str = ""
    campaign: str = ""
    state: str = ""


@dataclass(frozen=True)
class Line:
    """One order. state: the least advanced of its destinations.

    sent_at: when the last of them had it; None before.
    """

    ref: str
    source: str
    campaign: str
    buyer: str
    units: int
    total: Decimal
    currency: str
    accepted_at: datetime
    issue: str
    shortfall: int
    state: str
    sent_at: datetime | None
    error: str


def page(wanted: Wanted, number: str | None) -> Page[Line]:
    """One page of orders, newest first."""
    found = _wanted(wanted).order_by("-accepted_at", "-pk")
    shown: Page[Order] = Paginator(found, PER_PAGE).get_page(number)
    orders = list(shown.object_list)
    rows = Outbox.objects.filter(order__in=orders).order_by("pk")
    by_order: dict[int, list[Outbox]] = {order.pk: [] for order in orders}
    for row in rows:
        by_order[row.order_id].append(row)
    lines = [_line(order, by_order[order.pk]) for order in orders]
    return Page(lines, shown.number, shown.paginator)  # type: ignore[arg-type]


def _wanted(wanted: Wanted) -> QuerySet[Order]:
    orders = Order.objects.all()
    if wanted.campaign:
        orders = orders.filter(campaign=wanted.campaign)
    if wanted.text:
        text = wanted.text
        named = Q(ref__istartswith=text) | Q(buyer__istartswith=text)
        orders = orders.filter(named | Q(ref=text))
    return _in_state(orders, wanted.state)


def _in_state(orders: QuerySet[Order], state: str) -> QuerySet[Order]:
    rows = Outbox.objects.filter(order=OuterRef("pk"))
    if state == "issue":
        return orders.exclude(issue=Issue.NONE)
    if state == "queued":
        return orders.filter(Exists(rows.filter(state__in=WAITING)))
    if state == "dead":
        return orders.filter(Exists(rows.filter(state=Outgoing.DEAD)))
    if state == "sent":
        unsent = rows.exclude(state=Outgoing.SENT)
        return orders.filter(Exists(rows)).exclude(Exists(unsent))
    return orders


def _line(order: Order, rows: Sequence[Outbox]) -> Line:
    states = {row.state for row in rows}
    state = next((one for one in WORST if one in states), "missing")
    sent = [row.sent_at for row in rows if row.sent_at]
    errors = [row.error for row in rows if row.error and row.state != Outgoing.SENT]
    return Line(
        ref=order.ref,
        source=order.source,
        campaign=order.campaign,
        buyer=order.buyer,
        units=order.units,
        total=order.total,
        currency=order.currency,
        accepted_at=order.accepted_at,
        issue=Issue(order.issue).label,
        shortfall=order.shortfall,
        state=str(state),
        sent_at=max(sent) if state == Outgoing.SENT else None,
        error=errors[0] if errors else "",
    )


def campaigns() -> list[str]:
    """Codes of campaigns that have orders, newest first.

    Skips from one code to the next in the index, however many orders there are.
    """
    found = Order.objects.raw(
        "WITH RECURSIVE codes AS ("
        " (SELECT campaign FROM orders_order ORDER BY campaign DESC LIMIT 1)"
        " UNION ALL SELECT (SELECT o.campaign FROM orders_order o"
        "  WHERE o.campaign < codes.campaign ORDER BY o.campaign DESC LIMIT 1)"
        " FROM codes WHERE codes.campaign IS NOT NULL)"
        " SELECT 0 AS id, campaign FROM codes WHERE campaign > ''"
    )
    return [row.campaign for row in found]


def dead() -> QuerySet[Outbox]:
    """Dead letters, the newest first."""
    letters = Outbox.objects.filter(state=Outgoing.DEAD)
    return letters.select_related("order", "destination").order_by("-dead_at", "-pk")


def lost() -> QuerySet[Outbox]:
    """Orders that were sent but that the destination does not know, oldest first."""
    rows = Outbox.objects.lost()
    return rows.select_related("order", "destination").order_by("lost_at", "pk")
