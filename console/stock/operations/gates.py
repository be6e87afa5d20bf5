"""Opening, pausing and closing the gate of a sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from console.stock.models import SaleGate
from console.stock.rules import HOLD_TTL_S, GateClosed, GateState, UnknownCampaign

GATE_LOCK = 5702
"""The advisory lock a reserving batch shares and a change of state takes alone."""
CUT_HOLDS = """
with longer as materialized (
    select id from stock_reservation
    where state = 'held' and id in (
        select l.reservation_id
        from stock_reservationline l join stock_allocation a on a.id = l.allocation_id
        where a.campaign = %(campaign)s and l.held and l.expires_at > %(until)s)
    order by id for update
), cut as (
    update stock_reservation r set expires_at = %(until)s from longer
    where r.id = longer.id
)
update stock_reservationline l set expires_at = %(until)s from longer
where l.reservation_id = longer.id and l.held
"""
"""Reservations are locked first and by id, as those who pay and release do."""


@transaction.atomic
def open_gate(
    campaign: str,
    *,
    hold_ttl_s: int = HOLD_TTL_S,
    buyer_limit: int | None = None,
    order_limit: int | None = None,
    holds_until: datetime | None = None,
    ends_at: datetime | None = None,
    shops: Sequence[str] | None = None,
    now: datetime,
) -> SaleGate:
    """Let a campaign take reservations; an open gate stays as it is.

    buyer_limit: units a buyer may hold or buy in this campaign; None is no limit.
    order_limit: units one reservation may hold; None is no limit.
    holds_until: when every hold ends at the latest; None lets each live its time.
    ends_at: when the sale ends, if that is known.
    shops: connections that show the sale and are told its units; None is every shop.

    Raises:
        GateClosed: the sale is over; a closed gate never opens again.
    """
    gate, _ = SaleGate.objects.get_or_create(
        campaign=campaign,
        defaults={
            "state": GateState.OPEN,
            "hold_ttl_s": hold_ttl_s,
            "buyer_limit": buyer_limit,
            "order_limit": order_limit,
            "holds_until": holds_until,
            "ends_at": ends_at,
            "shops": None if shops is None else sorted(shops),
            "opened_at": now,
            "changed_at": now,
        },
    )
    if gate.state == GateState.CLOSED:
        raise GateClosed(
            f"The sale {campaign} is closed and cannot open again.", field="campaign"
        )
    return gate


@transaction.atomic
def pause_gate(campaign: str, *, now: datetime) -> SaleGate:
    """Take no new reservations until resumed; holds may still be paid or released."""
    gate = _alone(campaign)
    return _become(gate, GateState.PAUSED, changed_at=now)


@transaction.atomic
def resume_gate(campaign: str, *, now: datetime) -> SaleGate:
    """Take reservations again."""
    gate = _alone(campaign)
    return _become(gate, GateState.OPEN, changed_at=now)


@transaction.atomic
def close_gate(campaign: str, *, now: datetime) -> SaleGate:
    """Take no new reservations ever again; closing twice changes nothing.

    Where holds end with the sale, those there are end now.
    """
    gate = _alone(campaign)
    if gate.state == GateState.CLOSED:
        return gate
    if gate.holds_until:
        _cut_holds(campaign, now)
    return _become(gate, GateState.CLOSED, changed_at=now, closed_at=now)


@transaction.atomic
def limit_holds(campaign: str, until: datetime | None, *, now: datetime) -> None:
    """Move when every hold ends at the latest, and end those there are by then.

    A hold that was given shorter keeps the time its buyer was told. Before the gate
    opened, and after it closed, nothing happens.
    """
    if not SaleGate.objects.filter(campaign=campaign).exists():
        return
    gate = _alone(campaign)
    if gate.state == GateState.CLOSED or gate.holds_until == until:
        return
    gate.holds_until, gate.changed_at = until, now
    gate.save(update_fields=["holds_until", "changed_at"])
    if until:
        _cut_holds(campaign, until)


def tell_end(campaign: str, ends_at: datetime | None) -> None:
    """Say when a sale ends; before its gate opened, and after it closed, nothing."""
    gates = SaleGate.objects.filter(campaign=campaign).exclude(state=GateState.CLOSED)
    gates.exclude(ends_at=ends_at).update(ends_at=ends_at)


def _cut_holds(campaign: str, until: datetime) -> None:
    """Let no hold of a gate that nobody else uses live longer."""
    with connection.cursor() as cursor:
        cursor.execute(CUT_HOLDS, {"campaign": campaign, "until": until})


def _alone(campaign: str) -> SaleGate:
    """The gate, with no batch in flight: the lock waits its turn, so nobody starves.

    Raises:
        UnknownCampaign: it was never opened.
    """
    gate_id = (
        SaleGate.objects.filter(campaign=campaign).values_list("pk", flat=True).first()
    )
    if gate_id is None:
        raise UnknownCampaign(
            f"The sale {campaign} has no gate: it was never opened.", field="campaign"
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GATE_LOCK, gate_id])
    return SaleGate.objects.get(pk=gate_id)


def _become(gate: SaleGate, state: GateState, **stamps: datetime) -> SaleGate:
    if gate.state == GateState.CLOSED:
        raise GateClosed(f"The sale {gate.campaign} is closed.", field="campaign")
    if gate.state == state:
        return gate
    gate.state = state
    for name, value in stamps.items():
        setattr(gate, name, value)
    gate.save(update_fields=["state", *stamps])
    return gate
