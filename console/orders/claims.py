"""The rows of sending: take a destination and its orders, note what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When

from console.errors import OutsideFailure
from console.orders import rules
from console.orders.models import Destination, Order, Outbox
from console.orders.rules import NOT_CALLED, OUTAGE_KINDS, ROUND_LEASE_S, Outgoing
from console.runbook.rules import backoff_s

HOLD_MOST_S = 30.0
"""How long we leave a silent destination alone between two tries."""


@dataclass(frozen=True)
class Parcel:
    """One claimed row and what is sent for it."""

    pk: int
    fence: int
    tries: int
    failed_at: datetime | None
    key: str
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of one call; no failure means it arrived."""

    parcel: Parcel
    failure: OutsideFailure | None = None

    @property
    def outage(self) -> bool:
        """True if the destination itself failed, whatever it was given."""
        return self.failure is not None and self.failure.kind in OUTAGE_KINDS


@dataclass(frozen=True)
class Round:
    """The right to send these to a destination, until the lease ends.

    limit: calls it allows in any second. first_in_s: seconds until the first call may
    be made. recent_s: how long ago calls ended within the last second. most_s: no call
    after that.
    """

    destination_id: int
    fence: int
    connection: str
    interval_s: float
    limit: int
    first_in_s: float
    recent_s: tuple[float, ...]
    most_s: float
    parcels: tuple[Parcel, ...]


@transaction.atomic
def begin(destination_id: int, *, seconds: float, now: datetime) -> Round | None:
    """Take a destination and as many of its orders as fit into a round.

    None: paused, held, served by another worker, or nothing is ready. After an outage
    one order goes first; the others follow once it arrived.
    """
    found = _free(destination_id, now)
    if found is None:
        return None
    fits = 1 if found.failures else rules.per_round(found.rate_per_s, seconds)
    rows = list(
        Outbox.objects.claimable(now)
        .filter(destination=found)
        .order_by("pk")
        .select_for_update(skip_locked=True, of=("self",))[:fits]
    )
    if not rows:
        return None
    found.fence += 1
    found.lease_until = now + timedelta(seconds=ROUND_LEASE_S)
    found.save(update_fields=["fence", "lease_until"])
    return _round(found, _taken(rows, found.lease_until), now)


def _free(destination_id: int, now: datetime) -> Destination | None:
    free = Destination.objects.filter(
        Q(held_until=None) | Q(held_until__lte=now),
        Q(lease_until=None) | Q(lease_until__lte=now),
        pk=destination_id,
        paused=False,
    )
    return free.select_for_update(skip_locked=True).first()


def _taken(rows: Sequence[Outbox], until: datetime) -> list[Outbox]:
    """Lease the rows; one that was leased already lost its worker, which is a try."""
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
        tries=Case(
            When(state=Outgoing.LEASED, then=F("tries") + 1),
            default=F("tries"),
            output_field=IntegerField(),
        ),
        state=Outgoing.LEASED,
        lease_until=until,
        fence=F("fence") + 1,
    )
    for row in rows:
        row.tries += row.state == Outgoing.LEASED
        row.fence += 1
    return list(rows)


def _round(found: Destination, rows: Sequence[Outbox], now: datetime) -> Round:
    orders = Order.objects.prefetch_related("lines")
    told = orders.in_bulk([row.order_id for row in rows])
    waits = (found.next_at - now).total_seconds() if found.next_at else 0.0
    return Round(
        destination_id=found.pk,
        fence=found.fence,
        connection=found.connection,
        interval_s=1 / found.rate_per_s,
        limit=max(1, int(found.limit_per_s)),
        first_in_s=max(0.0, waits),
        recent_s=tuple(now.timestamp() - at for at in found.recent),
        most_s=ROUND_LEASE_S - 15.0,
        parcels=tuple(
            Parcel(
                row.pk,
                row.fence,
                row.tries,
                row.failed_at,
                row.key,
                _body(told[row.order_id]),
            )
            for row in rows
        ),
    )


def _body(order: Order) -> dict[str, Any]:
    """An order as every destination gets it; numbers of money as text."""
    return {
        "ref": order.ref,
        "source": order.source,
        "campaign": order.campaign,
        "buyer": order.buyer,
        "currency": order.currency,
        "total": str(order.total.normalize()),
        "placed_at": order.placed_at.isoformat(),
        "shortfall": order.shortfall,
        "lines": [
            {"sku": line.sku, "units": line.units, "price": str(line.price.normalize())}
            for line in sorted(order.lines.all(), key=lambda line: line.position)
        ],
    }


@transaction.atomic
def settle(round_: Round, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what came of some calls; a row claimed anew since is left alone."""
    arrived = [one.parcel for one in outcomes if one.failure is None]
    if arrived:
        _ours(arrived).update(
            state=Outgoing.SENT,
            sent_at=now,
            lease_until=None,
            error="",
            error_kind="",
        )
        _it_answers(round_, now)
    for one in outcomes:
        if one.failure is not None:
            _write_failure(round_, one, one.failure, now)


def _ours(parcels: Sequence[Parcel]) -> Any:
    claims = Q()
    for parcel in parcels:
        claims |= Q(pk=parcel.pk, fence=parcel.fence)
    return Outbox.objects.filter(claims, state=Outgoing.LEASED)


def _it_answers(round_: Round, now: datetime) -> None:
    """After an outage, what waited because of it may go at once."""
    found = Destination.objects.filter(pk=round_.destination_id)
    was_out = found.filter(failures__gt=0).update(
        failures=0, held_until=None, held_why=""
    )
    found.update(delivered_at=now)
    if was_out:
        Outbox.objects.filter(
            destination=round_.destination_id,
            state=Outgoing.QUEUED,
            error_kind__in=OUTAGE_KINDS,
        ).update(ready_at=now)


def _write_failure(
    round_: Round, one: Outcome, failure: OutsideFailure, now: datetime
) -> None:
    tries = one.parcel.tries + (failure.kind != NOT_CALLED)
    first = one.parcel.failed_at or now
    others = Destination.objects.filter(
        pk=round_.destination_id, delivered_at__gt=first
    ).exists()
    over = rules.given_up(
        tries, transient=failure.transient, outage=one.outage, others_went=others
    )
    wait = timedelta(seconds=backoff_s(max(1, tries), failure.retry_after_s))
    _ours([one.parcel]).update(
        state=Outgoing.DEAD if over else Outgoing.QUEUED,
        tries=tries,
        failed_at=first,
        dead_at=now if over else None,
        ready_at=now + wait,
        lease_until=None,
        error=(failure.message or failure.kind)[:500],
        error_kind=failure.kind[:40],
    )
    if one.outage:
        _hold(round_, failure, now)


def _hold(round_: Round, failure: OutsideFailure, now: datetime) -> None:
    """Leave the destination alone: as long as it asked for, else longer each time."""
    found = Destination.objects.select_for_update().get(pk=round_.destination_id)
    found.failures += 1
    asked = failure.retry_after_s
    wait = asked if asked is not None else min(HOLD_MOST_S, 2.0**found.failures / 2)
    until = now + timedelta(seconds=wait)
    found.held_until = max(until, found.held_until or until)
    found.held_why = failure.message[:300]
    found.save(update_fields=["failures", "held_until", "held_why"])


@transaction.atomic
def finish(
    round_: Round, *, free_at: datetime, recent_s: Sequence[float], now: datetime
) -> bool:
    """Give back what was not sent and the destination; True if more is ready.

    free_at: the earliest instant of the next call. recent_s: as in Round.
    """
    _ours(round_.parcels).update(state=Outgoing.QUEUED, lease_until=None, ready_at=now)
    Destination.objects.filter(pk=round_.destination_id, fence=round_.fence).update(
        lease_until=None,
        next_at=Case(
            When(next_at__gt=free_at, then=F("next_at")), default=Value(free_at)
        ),
        recent=[now.timestamp() - ago for ago in recent_s],
    )
    return _has_more(round_.destination_id, now)


def _has_more(destination_id: int, now: datetime) -> bool:
    return (
        Destination.objects.filter(pk=destination_id, paused=False)
        .filter(Q(held_until=None) | Q(held_until__lte=now))
        .exists()
        and Outbox.objects.claimable(now).filter(destination=destination_id).exists()
    )


def with_work(*, now: datetime) -> list[int]:
    """The destinations that could be sent something now, by priority."""
    waiting = Outbox.objects.claimable(now).values("destination")
    free = Destination.objects.filter(
        Q(held_until=None) | Q(held_until__lte=now), pk__in=waiting, paused=False
    )
    return list(free.order_by("-priority", "pk").values_list("pk", flat=True))
