"""A snapshot as it travels: plain JSON, the same bytes for every screen.

Instants are ISO 8601, money is text, unknown is null. Every group of numbers says as of
when it holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.live.facts import Event, Facts, Part, SkuFacts
from console.live.models import Alert

VERSION = 1
MOST_SKUS = 60
FEW = 5
"""Orders below which a comparison with the forecast says nothing."""


def build(facts: Facts, alerts: Sequence[Alert] = ()) -> dict[str, Any]:
    """The snapshot of one sale."""
    at = facts.at.isoformat()
    return {
        "v": VERSION,
        "campaign": facts.code,
        "name": facts.name,
        "state": facts.state,
        "at": at,
        "opens_at": _iso(facts.opens_at),
        "closes_at": _iso(facts.closes_at),
        "zone": facts.zone,
        "currency": facts.currency,
        "orders": facts.orders,
        "newest_order_at": _iso(facts.newest_order_at),
        "numbers": _numbers(facts),
        "backlog": _backlog(facts),
        "as_of": {"orders": at, "stock": at, "backlog": at, "steps": at},
        "bucket_s": facts.bucket_s,
        "points": [
            [point.at.isoformat(), round(point.orders / facts.bucket_s, 2)]
            for point in facts.points
        ],
        "skus": [_sku(sku, facts) for sku in shown(facts.skus)],
        "sku_count": len(facts.skus),
        "steps": vars(facts.tally),
        "health": [_part(part) for part in facts.health],
        "alerts": [_alert(alert) for alert in alerts],
        "activity": [_event(event) for event in facts.events],
    }


def encoded(snapshot: dict[str, Any]) -> bytes:
    """The bytes of a snapshot; on one line, so that they are one line of the stream."""
    return json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False).encode()


def shown(skus: Sequence[SkuFacts]) -> list[SkuFacts]:
    """The soonest to sell out, then stopped ones, sold out last; at most sixty."""
    ordered = sorted(skus, key=lambda s: (s.left == 0, s.minutes_left, s.left, s.code))
    return ordered[:MOST_SKUS]


def _numbers(facts: Facts) -> dict[str, Any]:
    forecast = facts.forecast_per_minute
    over = facts.per_minute / forecast - 1 if forecast >= FEW else None
    return {
        "per_minute": facts.per_minute,
        "forecast": round(forecast, 1) if forecast else None,
        "over_forecast": None if over is None else round(over, 3),
        "revenue": f"{facts.revenue:.2f}",
        "target": None if facts.target is None else f"{facts.target:.2f}",
        "units": facts.units,
        "aov": f"{facts.revenue / facts.orders:.2f}" if facts.orders else None,
        "sold": facts.sold,
        "sellable": facts.sellable,
        "stopped": facts.stopped,
        "reserved": facts.reserved,
        "hold_ttl_s": facts.hold_ttl_s,
        "oversold": facts.oversold,
        "shortfall": facts.shortfall,
    }


def _backlog(facts: Facts) -> dict[str, Any]:
    backlog = facts.backlog
    return {
        "waiting": backlog.waiting,
        "dead": backlog.dead,
        "rate": backlog.rate,
        "inflow": round(backlog.inflow, 2),
        "drain_s": None if backlog.drain.never else round(backlog.drain.seconds or 0),
        "paused": list(backlog.paused),
        "held": list(backlog.held),
        "oldest_at": _iso(backlog.oldest_at),
    }


def _sku(sku: SkuFacts, facts: Facts) -> dict[str, Any]:
    return {
        "sku": sku.code,
        "name": sku.name,
        "variant": sku.variant,
        "quantity": sku.quantity,
        "buffer": sku.buffer,
        "sold": sku.sold,
        "reserved": sku.reserved,
        "left": sku.left,
        "stopped": sku.stopped,
        "per_min": round(sku.per_minute, 1),
        "eta": _eta(sku, facts),
    }


def _eta(sku: SkuFacts, facts: Facts) -> dict[str, Any] | None:
    """Minutes to sell-out; lasts: longer than the sale."""
    if sku.eta is None:
        return None
    mid = sku.eta.middle
    remaining = _remaining_minutes(facts)
    return {
        "low": round(sku.eta.earliest, 1),
        "mid": None if mid is None else round(mid, 1),
        "high": None if math.isinf(sku.eta.latest) else round(sku.eta.latest, 1),
        "lasts": mid is not None and remaining is not None and mid > remaining,
    }


def _remaining_minutes(facts: Facts) -> float | None:
    if facts.closes_at is None:
        return None
    return max(0.0, (facts.closes_at - facts.at).total_seconds() / 60)


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "state": part.state,
        "note": part.note,
        "at": _iso(part.at),
        "p50": part.p50,
        "p95": part.p95,
        "p99": part.p99,
        "errors": part.errors,
        "recent": list(part.recent),
        "vital": part.vital,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "tone": alert.tone,
        "title": alert.title,
        "detail": alert.detail,
        "act": alert.act,
        "about": alert.about,
        "since": alert.opened_at.isoformat(),
        "acked": alert.acked_at is not None,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "icon": event.icon,
        "tone": event.tone,
        "text": event.text,
        "who": event.who,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
