"""Asking the backend how it is: in the background, so that no sampler waits for it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import cast

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from console.errors import OutsideFailure, Refusal
from console.live import rules
from console.live.facts import Part
from console.live.models import Pulse
from console.providers.models import Connection
from console.providers.operations import open_driver
from console.providers.ports import Prober
from console.shell import health
from console.shell.health import Awake

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
LOOK_BACK = timedelta(minutes=15)
KEEP = timedelta(hours=6)
GONE = timedelta(seconds=30)
MOST_AT_ONCE = 8
SLOW_TIMES = 3.0
SLOW_FROM_MS = 250.0
RECENT = 30
SERVICES = frozenset(
    {"Database", "Cache", "Edge server", "Celery worker", "Celery beat"}
)
"""The doctor's checks that are services; the others have alarms of their own."""

VITAL = frozenset({"Database", "Edge server", "Celery worker"})


class Watch:
    """The last answers; asks again when they are older than five seconds."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._lock = threading.Lock()
        self._asked_at: datetime | None = None
        self._parts: Sequence[Part] = ()

    def latest(self, *, now: datetime) -> Sequence[Part]:
        """What is known, at once; a new round of questions starts if it is time."""
        if not self._parts:
            self._parts = summary(now=now)
        if self._due(now):
            threading.Thread(target=self._ask, name="pulses", daemon=True).start()
        return self._parts

    def _due(self, now: datetime) -> bool:
        with self._lock:
            if self._asked_at is not None and now - self._asked_at < EVERY:
                return False
            self._asked_at = now
            return True

    def _ask(self) -> None:
        try:
            now = timezone.now()
            ask_all(now=now)
            self._parts = summary(now=now)
        except DatabaseError as error:
            log.warning("pulses not kept", error=str(error).splitlines()[0])
        finally:
            connections.close_all()


watch = Watch()


def ask_all(*, now: datetime) -> None:
    """Ask every part once, side by side, and keep the answers; old ones go."""
    outside = list(Connection.objects.filter(enabled=True).order_by("name"))
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        asked = pool.map(lambda one: _outside(one, now), outside)
        pulses = [*_inside(now), *asked]
    Pulse.objects.bulk_create(pulses, ignore_conflicts=True)
    Pulse.objects.filter(at__lt=now - KEEP).delete()


def _inside(now: datetime) -> Iterable[Pulse]:
    for check in health.examine(now=now):
        if check.name not in SERVICES:
            continue
        yield Pulse(
            part=check.name[:60],
            at=now,
            state=_STATES[check.state],
            ms=check.ms,
            note=check.note[:300],
            vital=check.name in VITAL,
        )


_STATES = {
    Awake.OK: "ok",
    Awake.LATE: "late",
    Awake.DOWN: "down",
    Awake.UNKNOWN: "unknown",
}


def _outside(connection: Connection, now: datetime) -> Pulse:
    try:
        probe = cast(Prober, open_driver(connection)).probe()
        state, ms, note = "ok" if probe.ok else "down", probe.ms, probe.note
    except (OutsideFailure, Refusal) as failed:
        state, ms, note = "down", None, failed.message
    return Pulse(part=connection.name, at=now, state=state, ms=ms, note=note[:300])


def summary(*, now: datetime) -> list[Part]:
    """Each part by its answers of the last fifteen minutes, the vital ones first.

    A part that is asked no more, while others are, was taken away and is left out.
    """
    by_part: defaultdict[str, list[Pulse]] = defaultdict(list)
    for pulse in Pulse.objects.filter(at__gt=now - LOOK_BACK).order_by("at", "pk"):
        by_part[pulse.part].append(pulse)
    newest = max((pulses[-1].at for pulses in by_part.values()), default=now)
    parts = [_part(p) for p in by_part.values() if newest - p[-1].at < GONE]
    return sorted(parts, key=lambda part: (not part.vital, part.name))


def _part(pulses: Sequence[Pulse]) -> Part:
    last = pulses[-1]
    times = [pulse.ms for pulse in pulses if pulse.ms is not None]
    middle = rules.percentile(times, 0.5)
    known = [pulse for pulse in pulses if pulse.state != "unknown"]
    bad = sum(pulse.state == "down" for pulse in known)
    return Part(
        name=last.part,
        state=_judged(last, middle),
        note=last.note,
        at=last.at,
        p50=middle,
        p95=rules.percentile(times, 0.95),
        p99=rules.percentile(times, 0.99),
        errors=bad / len(known) if known else None,
        recent=tuple(round(ms, 1) for ms in times[-RECENT:]),
        vital=last.vital,
    )


def _judged(last: Pulse, middle: float | None) -> str:
    slow = last.ms is not None and middle is not None
    if last.state == "ok" and slow and _is_slow(last.ms or 0.0, middle or 0.0):
        return "slow"
    return last.state


def _is_slow(ms: float, middle: float) -> bool:
    return ms > SLOW_FROM_MS and ms > middle * SLOW_TIMES
