"""What the doctor says of the outside world: the last test of each connection."""

from __future__ import annotations

from datetime import datetime

from console.providers import queries
from console.providers.queries import ConnectionLine
from console.shell.health import Awake, Check, check

FRESH_S = 180.0


@check
def connections(now: datetime) -> list[Check]:
    """Each connection that is switched on, as its last test saw it."""
    return [_check(line, now) for line in queries.connections() if line.enabled]


def _check(line: ConnectionLine, now: datetime) -> Check:
    title = f"Provider {line.name}"
    fix = "Test it in Settings, Providers."
    if line.at is None or line.ok is None:
        return Check(title, Awake.UNKNOWN, "Never tested", fix)
    state = Awake.OK if line.ok else Awake.DOWN
    if line.ok and (now - line.at).total_seconds() > FRESH_S:
        state = Awake.LATE
    return Check(title, state, line.note, fix, at=line.at, ms=line.ms)
