"""Writes of this room: connections, their secrets, their tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model

from console.audit.operations import operation, record
from console.errors import OutsideFailure, Refusal
from console.providers import dialling
from console.providers.client import Api
from console.providers.crypto import SealedField
from console.providers.models import Connection
from console.providers.ports import Probe, Prober
from console.providers.registry import Driver, drivers

P = TypeVar("P")
SECRETS = ("secret", "webhook_secret")


class UnknownConnection(Refusal):
    """No enabled connection has this name."""

    code = "unknown_connection"
    status = 404


class Unsupported(Refusal):
    """The product behind this connection cannot do that."""

    code = "unsupported"
    status = 422


class NameTaken(Refusal):
    """Another connection has this name."""

    code = "name_taken"
    status = 422


@dataclass(frozen=True)
class Settings:
    """What a person enters of a connection. secrets: empty keeps what is there."""

    driver: str
    base_url: str
    timeout_s: float = 5.0
    enabled: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)


def open_port(port: type[P], name: str) -> P:
    """Open one ability of a connection.

    Raises:
        UnknownConnection: no such connection, or it is switched off.
        Unsupported: its driver does not have this ability.
    """
    driver = open_driver(_enabled(name))
    if not isinstance(driver, port):
        raise Unsupported(
            f"{name} ({driver.label}) cannot be used as {port.__name__.lower()}. "
            "Choose another connection."
        )
    return driver


def open_driver(connection: Connection, *, patient: bool = False) -> Driver:
    """Build the driver of a connection.

    patient: call also while calls to it pause.

    Raises:
        UnknownConnection: its driver is not installed any more.
    """
    kind = drivers().get(connection.driver)
    if kind is None:
        raise UnknownConnection(
            f"{connection.name} needs the driver {connection.driver}, which is not "
            "installed. Install it, or choose another kind."
        )
    return kind(
        Api(
            name=connection.name,
            base_url=connection.base_url,
            token=connection.secret,
            timeout_s=connection.timeout_s,
            options=connection.options,
            patient=patient,
        )
    )


def webhook_secrets(name: str) -> tuple[str, ...]:
    """The secrets a connection may sign with: none, one, or two during a rotation.

    Raises:
        UnknownConnection: no such connection, or it is switched off.
    """
    return tuple(_enabled(name).webhook_secret.split())


def add(
    name: str, settings: Settings, *, actor: User | AnonymousUser | None, now: datetime
) -> Connection:
    """Connect an outside system; its name is looked up before anything is locked.

    Raises:
        NameTaken: another connection has the name.
        AddressNotAllowed: the address is not public.
    """
    dialling.check_public(settings.base_url, field="base_url")
    with operation():
        if Connection.objects.filter(name=name).exists():
            raise NameTaken(
                f"There is already a connection called {name}.", field="name"
            )
        connection = Connection(name=name)
        _fill(connection, settings, actor, now)
        connection.save(force_insert=True)
        after = _told(connection, settings)
        record(actor, "provider.add", connection, now=now, after=after)
    return connection


def edit(
    connection_id: int,
    settings: Settings,
    *,
    actor: User | AnonymousUser | None,
    now: datetime,
) -> Connection:
    """Change where an outside system is, or how to speak to it; its name stays.

    Raises:
        AddressNotAllowed: the address is not public.
    """
    dialling.check_public(settings.base_url, field="base_url")
    with operation():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        before = _told(connection)
        _fill(connection, settings, actor, now)
        connection.save()
        after = _told(connection, settings)
        record(actor, "provider.edit", connection, now=now, before=before, after=after)
    return connection


def test(connection_id: int, *, now: datetime) -> Probe:
    """Ask a connection for a sign of life and keep the answer with its age."""
    probe = _probe(Connection.objects.get(pk=connection_id))
    Connection.objects.filter(pk=connection_id).update(
        tested_at=now,
        test_ok=probe.ok,
        test_ms=probe.ms if probe.ok else None,
        test_note=probe.note[:300],
    )
    return probe


@operation()
def reseal() -> int:
    """Encrypt every secret, of any room, under the newest key: rows that were read."""
    return sum(_resealed(model) for model in apps.get_models())


def _resealed(model: type[Model]) -> int:
    sealed = [f.name for f in model._meta.fields if isinstance(f, SealedField)]
    if not sealed:
        return 0
    rows = model._default_manager.select_for_update().order_by("pk")
    for row in rows:
        for name in sealed:
            setattr(row, name, getattr(row, name))
        row.save(update_fields=sealed)
    return len(rows)


def _enabled(name: str) -> Connection:
    connection = Connection.objects.filter(name=name, enabled=True).first()
    if connection is None:
        raise UnknownConnection(
            f"There is no connection called {name} that is switched on. "
            "Add it in Settings, Providers."
        )
    return connection


def _probe(connection: Connection) -> Probe:
    try:
        return cast(Prober, open_driver(connection, patient=True)).probe()
    except (OutsideFailure, Refusal) as failed:
        return Probe(False, 0.0, failed.message)


def _fill(
    connection: Connection,
    settings: Settings,
    actor: User | AnonymousUser | None,
    now: datetime,
) -> None:
    connection.driver = settings.driver
    connection.base_url = settings.base_url
    connection.timeout_s = settings.timeout_s
    connection.enabled = settings.enabled
    connection.options = dict(settings.options)
    for column in SECRETS:
        if getattr(settings, column):
            setattr(connection, column, getattr(settings, column))
            connection.secret_set_at = now
    connection.updated_at = now
    connection.updated_by = actor if isinstance(actor, User) else None


def _told(connection: Connection, given: Settings | None = None) -> dict[str, Any]:
    """What the trail keeps: never a secret, only that one was entered."""
    told: dict[str, Any] = {
        "driver": connection.driver,
        "base_url": connection.base_url,
        "timeout_s": connection.timeout_s,
        "enabled": connection.enabled,
        "options": connection.options,
    }
    for column in SECRETS if given else ():
        if getattr(given, column):
            told[column] = "entered"
    return told
