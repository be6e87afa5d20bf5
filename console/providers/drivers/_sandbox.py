"""What the sandbox's parts have in common: how each says it is awake."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from console.providers.client import Api
from console.providers.ports import Probe


@dataclass(frozen=True)
class Health:
    """How a part did over the last 15 s; None where nothing was seen."""

    ok: bool
    note: str
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    error_share: float
    per_s: float


def probe(api: Api, part: str) -> Probe:
    """Ask one part of the sandbox how it does; this changes nothing there."""
    answer = api.get(f"/{part}/health")
    health = answer.read(Health)
    return Probe(health.ok, answer.ms, health.note, asdict(health))
