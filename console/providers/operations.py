"""Writes of this room: connections, their secrets, their tests."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar, cast

from console.errors import OutsideFailure, Refusal
from console.providers.client import Api
from console.providers.models import Connection
from console.providers.ports import Probe, Prober
from console.providers.registry import Driver, drivers

P = TypeVar("P")


class UnknownConnection(Refusal):
    """No enabled connection has this name."""

    code = "unknown_connection"
    status = 404


class Unsupported(Refusal):
    """The product behind this connection cannot do that."""

    code = "unsupported"
    status = 422


def open_port(port: type[P], name: str) -> P:
    """Open one ability of a connection.

    Raises:
        UnknownConnection: no such connection, or it is switched off.
        Unsupported: its driver does not have this ability.
    """
    connection = Connection.objects.filter(name=name, enabled=True).first()
    if connection is None:
        raise UnknownConnection(
            f"There is no connection called {name} that is switched on. "
            "Add it in Settings, Providers."
        )
    driver = open_driver(connection)
    if not isinstance(driver, port):
        raise Unsupported(
            f"{name} ({driver.label}) cannot be used as {port.__name__.lower()}. "
            "Choose another connection."
        )
    return driver


def open_driver(connection: Connection) -> Driver:
    """Build the driver of a connection.

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
        )
    )


def test(connection_id: int, *, now: datetime) -> Probe:
    """Ask a connection for a sign of life and keep the answer with its age."""
    connection = Connection.objects.get(pk=connection_id)
    probe = _probe(connection)
    Connection.objects.filter(pk=connection_id).update(
        tested_at=now, test_ok=probe.ok, test_ms=probe.ms, test_note=probe.note[:300]
    )
    return probe


def _probe(connection: Connection) -> Probe:
    try:
        driver = open_driver(connection)
        return cast(Prober, driver).probe()
    except (OutsideFailure, Refusal) as failed:
        return Probe(False, 0.0, failed.message)
