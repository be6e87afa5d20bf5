"""Reads of this room: which connections there are, and what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.providers import breaker
from console.providers.breaker import Breaker
from console.providers.models import Connection
from console.providers.registry import abilities, drivers


@dataclass(frozen=True)
class ConnectionLine:
    """One connection as lists show it; never its secret.

    ok: None if it was never tested. at: when it was. paused: it failed five times in a
    row, so calls wait.
    """

    pk: int
    name: str
    kind: str
    base_url: str
    enabled: bool
    abilities: tuple[str, ...]
    ok: bool | None
    at: datetime | None
    ms: float | None
    note: str
    secret_set_at: datetime | None
    paused: bool

    @property
    def tone(self) -> str:
        """How its last test looks."""
        if not self.enabled or self.ok is None:
            return ""
        if self.paused:
            return "bad"
        return "ok" if self.ok else "bad"

    @property
    def said(self) -> str:
        """The last test as a sentence that names the connection once."""
        named = self.note.startswith(self.name)
        return self.note if named else f"{self.name}: {self.note}"


def connections() -> list[ConnectionLine]:
    """Every connection with its last test, by name."""
    rows = Connection.objects.defer("secret", "webhook_secret").order_by("name")
    paused = breaker.paused(Breaker(row.name, row.base_url) for row in rows)
    return [_line(row, row.name in paused) for row in rows]


def names(port: type) -> list[str]:
    """The names of enabled connections that have this ability, in order of age."""
    kinds = [name for name, kind in drivers().items() if issubclass(kind, port)]
    able = Connection.objects.filter(enabled=True, driver__in=kinds)
    return list(able.order_by("pk").values_list("name", flat=True))


def enabled_ids() -> list[int]:
    """The keys of the connections that are switched on."""
    enabled = Connection.objects.filter(enabled=True).order_by("pk")
    return list(enabled.values_list("pk", flat=True))


def _line(row: Connection, paused: bool) -> ConnectionLine:
    kind = drivers().get(row.driver)
    return ConnectionLine(
        pk=row.pk,
        name=row.name,
        kind=kind.label if kind else f"{row.driver} (not installed)",
        base_url=row.base_url,
        enabled=row.enabled,
        abilities=abilities(kind) if kind else (),
        ok=row.test_ok,
        at=row.tested_at,
        ms=row.test_ms,
        note=row.test_note,
        secret_set_at=row.secret_set_at,
        paused=paused,
    )
