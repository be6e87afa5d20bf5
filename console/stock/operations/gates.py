"""Opening, pausing and closing the gate of a sale."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from console.stock.models import SaleGate
from console.stock.rules import HOLD_TTL_S, GateClosed, GateState, UnknownCampaign

GATE_LOCK = 5702
"""The advisory lock a reserving batch shares and a change of state takes alone."""


@transaction.atomic
def open_gate(
    campaign: str,
    *,
    hold_ttl_s: int = HOLD_TTL_S,
    buyer_limit: int | None = None,
    order_limit: int | None = None,
    now: datetime,
) -> SaleGate:
    """Let a campaign take reservations; an open gate stays as it is.

    buyer_limit: units a buyer may hold or buy in this campaign; None is no limit.
    order_limit: units one reservation may hold; None is no limit.

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
            "opened_at": now,
            "changed_at": now,
        },
    )
    if gate.state == GateState.CLOSED:
        raise GateClosed(f"The sale {campaign} is closed and cannot open again.")
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
    """Take no new reservations ever again; closing twice changes nothing."""
    gate = _alone(campaign)
    if gate.state == GateState.CLOSED:
        return gate
    return _become(gate, GateState.CLOSED, changed_at=now, closed_at=now)


def _alone(campaign: str) -> SaleGate:
    """The gate, with no batch in flight: the lock waits its turn, so nobody starves.

    Raises:
        UnknownCampaign: it was never opened.
    """
    gate_id = (
        SaleGate.objects.filter(campaign=campaign).values_list("pk", flat=True).first()
    )
    if gate_id is None:
        raise UnknownCampaign(f"The sale {campaign} has no gate: it was never opened.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GATE_LOCK, gate_id])
    return SaleGate.objects.get(pk=gate_id)


def _become(gate: SaleGate, state: GateState, **stamps: datetime) -> SaleGate:
    if gate.state == GateState.CLOSED:
        raise GateClosed(f"The sale {gate.campaign} is closed.")
    if gate.state == state:
        return gate
    gate.state = state
    for name, value in stamps.items():
        setattr(gate, name, value)
    gate.save(update_fields=["state", *stamps])
    return gate
