"""Units that holds nobody will pay keep from being sold, by what buyers did lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from console.stock.models import SaleGate
from console.stock.rules import GateState
from console.stock.rules.pace import SPAN, limbo

MOST_HOLDS = 20_000
FEW_HOLDS = 20
"""Of fewer holds whose end is known a share would only pretend to know."""
_NEWEST = """
SELECT coalesce(sum(l.units), 0)::int, min(late.made_at), count(DISTINCT late.id)
FROM (SELECT id, made_at FROM stock_reservation
      WHERE campaign = %s AND made_at > %s ORDER BY made_at DESC LIMIT %s) late
JOIN stock_reservationline l ON l.reservation_id = late.id
"""
_ENDED = """
SELECT count(*), count(*) FILTER (WHERE state IN ('held', 'expired'))
FROM (SELECT state FROM stock_reservation
      WHERE campaign = %s AND made_at <= %s ORDER BY made_at DESC LIMIT %s) old
"""


def in_limbo(campaign: str, *, now: datetime) -> float | None:
    """Holds a minute × share abandoned × time to live, in units.

    Abandoned: of the newest holds that are older than a hold lives, those that ran out;
    who gave back in time keeps nothing. None while the sale takes no reservations, and
    while too few holds have ended to tell.
    """
    gate = SaleGate.objects.filter(campaign=campaign, state=GateState.OPEN).first()
    if gate is None:
        return None
    since = max(gate.opened_at, now - SPAN)
    settled = now - timedelta(seconds=gate.hold_ttl_s)
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [campaign, settled, MOST_HOLDS])
        ended, left = cursor.fetchone()
        if ended < FEW_HOLDS:
            return None
        cursor.execute(_NEWEST, [campaign, since, MOST_HOLDS])
        units, first, holds = cursor.fetchone()
    began = first if holds == MOST_HOLDS else since
    minutes = max((now - began).total_seconds(), 1.0) / 60
    return limbo(
        units / minutes, abandoned=left / ended, ttl_minutes=gate.hold_ttl_s / 60
    )
