"""Writes of the frame: signs of life."""

from __future__ import annotations

from datetime import datetime

from console.shell.models import Heartbeat


def beat(name: str, *, now: datetime, note: str = "") -> None:
    """Record that a part of the stack is awake; the latest word wins."""
    row = Heartbeat(name=name, at=now, note=note[:200])
    Heartbeat.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at", "note"],
    )
