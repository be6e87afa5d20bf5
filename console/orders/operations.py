"""Every write of orders that is not the sending itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import F

from console.audit.operations import operation, record
from console.orders import rules
from console.orders.events import PaidOrder
from console.orders.models import Destination, Order, OrderLine, Outbox
from console.orders.rules import Issue, Outgoing
from console.stock import clock
from console.stock import operations as stock
from console.stock.rules import OtherOrder, UnknownReservation

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Accepted:
    """What became of an event. replayed: it was here before, and changed nothing."""

    order: Order
    replayed: bool


def accept(source: str, event_id: str, paid: PaidOrder, *, now: datetime) -> Accepted:
    """Take a paid order in, once: its row, its stock, and a row for each destination.

    The same event or the same reference again changes nothing.
    """
    if known := _known(source, event_id, paid.ref):
        return Accepted(known, replayed=True)
    try:
        return Accepted(_take_in(source, event_id, paid, now), replayed=False)
    except IntegrityError:
        if known := _known(source, event_id, paid.ref):
            return Accepted(known, replayed=True)
        raise


def _known(source: str, event_id: str, ref: str) -> Order | None:
    mine = Order.objects.filter(source=source)
    return mine.filter(event_id=event_id).first() or mine.filter(ref=ref).first()


@operation()
def _take_in(source: str, event_id: str, paid: PaidOrder, now: datetime) -> Order:
    order = _order(source, event_id, paid, now)
    order.save(force_insert=True)
    order.issue, order.shortfall = _confirmed(order)
    if order.issue:
        order.save(update_fields=["issue", "shortfall"])
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=n, **line.model_dump())
        for n, line in enumerate(paid.lines)
    )
    Outbox.objects.bulk_create(
        _outgoing(order, destination, now)
        for destination in Destination.objects.filter(since__lte=now)
    )
    return order


def _order(source: str, event_id: str, paid: PaidOrder, now: datetime) -> Order:
    return Order(
        source=source,
        event_id=event_id,
        units=paid.units,
        accepted_at=now,
        **paid.model_dump(exclude={"lines"}),
    )


def _confirmed(order: Order) -> tuple[Issue, int]:
    """Turn its hold into a sale; money was taken, so nothing here may refuse it."""
    if order.reservation is None:
        return Issue.NO_RESERVATION, 0
    try:
        sold = stock.confirm(order.reservation, order=order.ref, now=clock.now())
    except UnknownReservation:
        return Issue.UNKNOWN_RESERVATION, 0
    except OtherOrder:
        return Issue.OTHER_ORDER, 0
    return (Issue.SHORTFALL if sold.shortfall else Issue.NONE), sold.shortfall


def _outgoing(order: Order, destination: Destination, now: datetime) -> Outbox:
    return Outbox(
        order=order,
        destination=destination,
        key=f"{order.source}/{order.ref}/{destination.pk}",
        lane=order.buyer,
        state=Outgoing.QUEUED,
        ready_at=now,
    )


@operation()
def add_destination(
    name: str,
    *,
    connection: str,
    limit_per_s: float,
    rate_per_s: float | None = None,
    priority: int = 0,
    actor: User | None,
    now: datetime,
) -> Destination:
    """Hand orders accepted from now on to one more system.

    rate_per_s: what we send; without it, four fifths of the limit.

    Raises:
        BadRate: the limit is not above 0, or the rate above it.
    """
    rate = limit_per_s * rules.HEADROOM if rate_per_s is None else rate_per_s
    rules.check_rate(rate, limit_per_s)
    added = Destination.objects.create(
        name=name,
        connection=connection,
        limit_per_s=limit_per_s,
        rate_per_s=rate,
        priority=priority,
        since=now,
    )
    after = {"limit_per_s": limit_per_s, "rate_per_s": rate}
    record(actor, "orders.add_destination", added, now=now, after=after)
    return added


@operation()
def pause(destination_id: int, *, actor: User | None, now: datetime) -> Destination:
    """Send nothing to a destination; orders keep their place until it is resumed."""
    return _set_paused(destination_id, True, actor, now)


@operation()
def resume(destination_id: int, *, actor: User | None, now: datetime) -> Destination:
    """Send again, and forget that it asked us to wait."""
    return _set_paused(destination_id, False, actor, now)


def _set_paused(
    destination_id: int, paused: bool, actor: User | None, now: datetime
) -> Destination:
    found = Destination.objects.select_for_update().get(pk=destination_id)
    before, found.paused = {"paused": found.paused}, paused
    found.held_until, found.held_why = None, ""
    found.save(update_fields=["paused", "held_until", "held_why"])
    verb = "orders.pause" if paused else "orders.resume"
    record(actor, verb, found, now=now, before=before, after={"paused": paused})
    return found


@operation()
def set_rate(
    destination_id: int,
    *,
    rate_per_s: float,
    limit_per_s: float | None = None,
    actor: User | None,
    now: datetime,
) -> Destination:
    """Change how many orders per second a destination is sent, and what it allows.

    Raises:
        BadRate: nothing, or more than the destination allows.
    """
    found = Destination.objects.select_for_update().get(pk=destination_id)
    limit = found.limit_per_s if limit_per_s is None else limit_per_s
    rules.check_rate(rate_per_s, limit)
    before = {"rate_per_s": found.rate_per_s, "limit_per_s": found.limit_per_s}
    found.rate_per_s, found.limit_per_s = rate_per_s, limit
    found.save(update_fields=["rate_per_s", "limit_per_s"])
    after = {"rate_per_s": rate_per_s, "limit_per_s": limit}
    record(actor, "orders.set_rate", found, now=now, before=before, after=after)
    return found


@operation()
def replay(
    outbox_id: int | None = None,
    *,
    destination_id: int | None = None,
    actor: User | None,
    now: datetime,
) -> int:
    """Queue dead letters again: one, those of a destination, or all; how many.

    The key stays the same, so one that did arrive is not an order twice.

    Raises:
        NothingDead: there are none.
    """
    dead = Outbox.objects.filter(state=Outgoing.DEAD)
    if outbox_id is not None:
        dead = dead.filter(pk=outbox_id)
    if destination_id is not None:
        dead = dead.filter(destination=destination_id)
    count = dead.update(**_afresh(now))
    if not count:
        raise rules.NothingDead("There are no dead letters to replay. Reload the page.")
    subject = str(outbox_id or destination_id or "all")
    record(actor, "orders.replay", subject, now=now, after={"queued": count})
    return count


@operation()
def send_again(outbox_id: int, *, actor: User | None, now: datetime) -> Outbox:
    """Queue an order that was sent but that the destination does not know.

    Raises:
        NothingDead: the destination has it, or it is on its way.
    """
    row = Outbox.objects.select_for_update().get(pk=outbox_id)
    if row.state != Outgoing.SENT or row.lost_at is None:
        raise rules.NothingDead("The order is not missing there. Reload the page.")
    Outbox.objects.filter(pk=row.pk).update(**_afresh(now))
    record(actor, "orders.send_again", row, now=now)
    return row


def _afresh(now: datetime) -> dict[str, object]:
    return {
        "state": Outgoing.QUEUED,
        "tries": 0,
        "ready_at": now,
        "lease_until": None,
        "failed_at": None,
        "dead_at": None,
        "sent_at": None,
        "known_at": None,
        "lost_at": None,
        "fence": F("fence") + 1,
    }
