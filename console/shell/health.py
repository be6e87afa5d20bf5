"""Is each part of the stack awake? A registry of checks, each with its age."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import httpx2
from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection

from console.shell.models import Heartbeat

FRESH_S = 15.0


class Awake(StrEnum):
    """What we know of a part."""

    OK = "ok"
    LATE = "late"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One part of the stack.

    at: when it was last seen alive; None if never. ms: how long it took to answer.
    fix: what to do about it when it is not ok.
    """

    name: str
    state: Awake
    note: str
    fix: str = ""
    at: datetime | None = None
    ms: float | None = None


Prober = Callable[[datetime], Iterable[Check]]
_probers: list[Prober] = []


def check(prober: Prober) -> Prober:
    """Add a check to the doctor; rooms do so in their own health.py."""
    _probers.append(prober)
    return prober


def examine(*, now: datetime) -> list[Check]:
    """Ask every part; a check that fails itself says so instead of hiding."""
    return [found for prober in _probers for found in _safely(prober, now)]


def _safely(prober: Prober, now: datetime) -> list[Check]:
    try:
        return list(prober(now))
    except DatabaseError as error:
        name = prober.__name__.replace("_", " ").strip()
        return [Check(name, Awake.UNKNOWN, str(error).splitlines()[0])]


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


@check
def database(now: datetime) -> list[Check]:
    """PostgreSQL answers a query."""
    try:
        ms = _timed(lambda: connection.cursor().execute("select 1"))
    except DatabaseError as error:
        fix = "Start PostgreSQL, or correct DATABASE_URL."
        return [Check("Database", Awake.DOWN, str(error).splitlines()[0], fix)]
    return [Check("Database", Awake.OK, "PostgreSQL answers", at=now, ms=ms)]


@check
def cache_server(now: datetime) -> list[Check]:
    """Valkey or Redis keeps a value."""
    try:
        ms = _timed(lambda: caches["shared"].set("doctor", 1, 5))
    except Exception as error:
        fix = "Start Valkey, or correct REDIS_URL. Orders and stock go on without it."
        return [Check("Cache", Awake.DOWN, type(error).__name__, fix)]
    return [Check("Cache", Awake.OK, "Valkey answers", at=now, ms=ms)]


@check
def processes(now: datetime) -> list[Check]:
    """Worker and beat were heard of lately."""
    seen = {
        row.name: row for row in Heartbeat.objects.filter(name__in=["worker", "beat"])
    }
    return [_process(name, seen.get(name), now) for name in ("worker", "beat")]


def _process(name: str, row: Heartbeat | None, now: datetime) -> Check:
    title = f"Celery {name}"
    fix = f"Start the {name}: `celery -A config.celery {name}`."
    if row is None:
        return Check(title, Awake.UNKNOWN, "Never heard of", fix)
    if (now - row.at).total_seconds() > FRESH_S:
        return Check(title, Awake.LATE, "Not heard of lately", fix, at=row.at)
    return Check(title, Awake.OK, row.note or "Awake", at=row.at)


@check
def edge(now: datetime) -> list[Check]:
    """The edge server answers."""
    base = settings.EDGE_URL or settings.PUBLIC_URL
    fix = "Start the edge server: `granian --interface asgi config.asgi:application`."
    try:
        ms = _timed(lambda: httpx2.get(f"{base}/healthz", timeout=2, trust_env=False))
    except httpx2.HTTPError as error:
        return [Check("Edge server", Awake.DOWN, type(error).__name__, fix)]
    return [Check("Edge server", Awake.OK, "Gate and stream answer", at=now, ms=ms)]
