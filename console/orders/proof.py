"""Proof of delivery: asking each destination whether it really has what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from console.errors import OutsideFailure, Refusal
from console.orders.models import Destination, Outbox
from console.orders.rules import Outgoing
from console.providers.operations import open_port
from console.providers.ports import Relay

SETTLED = timedelta(seconds=10)
"""How long after sending a destination must be able to say that it has it."""

MOST_ASKED = 2_000

log = structlog.get_logger(__name__)


def ask_all(*, now: datetime) -> int:
    """Ask every destination for what it has not confirmed; how many orders it lacks.

    One that does not answer is asked the next time; nothing is concluded from silence.
    """
    return sum(_ask(one, now) for one in Destination.objects.order_by("pk"))


def _ask(destination: Destination, now: datetime) -> int:
    unproven = Outbox.objects.filter(
        destination=destination,
        state=Outgoing.SENT,
        known_at=None,
        sent_at__lt=now - SETTLED,
    )
    rows = list(unproven.order_by("sent_at").select_related("order")[:MOST_ASKED])
    if not rows:
        return 0
    try:
        port = open_port(Relay, destination.connection)
        known = port.known([row.order.ref for row in rows])
    except (OutsideFailure, Refusal) as failed:
        log.warning("not proven", destination=destination.name, why=failed.message)
        return 0
    return _note(rows, known, now)


def _note(rows: Sequence[Outbox], known: set[str], now: datetime) -> int:
    there = [row.pk for row in rows if row.order.ref in known]
    lost = [row.pk for row in rows if row.order.ref not in known]
    sent = Outbox.objects.filter(state=Outgoing.SENT)
    sent.filter(pk__in=there).update(known_at=now, lost_at=None)
    sent.filter(pk__in=lost, lost_at=None).update(lost_at=now)
    return len(lost)
