"""Connections: what may be kept, what can be opened, what a test tells."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from pytest_django import Settings

from console.audit.models import Entry
from console.providers import operations, queries
from console.providers.dialling import AddressNotAllowed
from console.providers.operations import NameTaken, UnknownConnection, Unsupported
from console.providers.ports import Purger, Relay, Scaler, Storefront, Warmer
from tests import make
from tests.providers import rude as manners
from tests.providers.rude import rude

AWAKE = {
    "ok": True,
    "note": "9 calls",
    "p50_ms": 1.0,
    "p95_ms": None,
    "p99_ms": None,
    "error_share": 0.0,
    "per_s": 0.6,
}
HERE = operations.Settings(driver="sandbox_cloud", base_url="http://127.0.0.1:4999")

pytestmark = pytest.mark.django_db


def test_add_keeps_the_connection_and_leaves_a_trail() -> None:
    actor = make.user("admin")
    row = operations.add("cloud", HERE, actor=actor, now=make.NOW)
    entry = Entry.objects.get()
    assert (entry.verb, entry.object_label) == ("provider.add", "cloud")
    assert row.updated_by == actor


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["add", "edit"])
def test_names_are_looked_up_before_anything_is_locked(
    act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow name server must not hold a row, nor a connection, of the database."""
    here, asked, ask = connections["default"], [], socket.getaddrinfo

    def watched(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(here.in_atomic_block)
        return ask(host, *rest, **more)

    row = make.connection("there")
    monkeypatch.setattr(socket, "getaddrinfo", watched)
    if act == "add":
        operations.add("cloud", HERE, actor=None, now=make.NOW)
    else:
        operations.edit(row.pk, HERE, actor=None, now=make.NOW)
    assert asked == [False]


def test_add_refuses_a_taken_name() -> None:
    make.connection("cloud")
    with pytest.raises(NameTaken) as caught:
        operations.add("cloud", HERE, actor=None, now=make.NOW)
    assert caught.value.field == "name"


def test_add_refuses_a_private_address_and_changes_nothing(settings: Settings) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    with pytest.raises(AddressNotAllowed, match="PRIVATE_HOSTS_ALLOWED") as caught:
        operations.add("cloud", HERE, actor=None, now=make.NOW)
    assert caught.value.field == "base_url"
    assert queries.connections() == []
    assert not Entry.objects.exists()


def test_edit_tells_before_and_after() -> None:
    row = make.connection("cloud")
    to = operations.Settings(driver="sandbox_cdn", base_url="http://127.0.0.1:10")
    operations.edit(row.pk, to, actor=None, now=make.NOW)
    entry = Entry.objects.get()
    assert entry.before["driver"] == "sandbox_cloud"
    assert entry.after["base_url"] == "http://127.0.0.1:10"


def test_open_port_refuses_what_is_not_there_or_off() -> None:
    make.connection("off", enabled=False)
    for name in ("off", "nobody"):
        with pytest.raises(UnknownConnection, match=name):
            operations.open_port(Scaler, name)


def test_open_port_refuses_what_the_driver_cannot() -> None:
    make.connection("erp", "sandbox_erp")
    with pytest.raises(Unsupported, match="cannot be used as scaler"):
        operations.open_port(Scaler, "erp")


def test_open_port_says_which_driver_is_missing() -> None:
    make.connection("old", "gone")
    with pytest.raises(UnknownConnection, match="gone, which is not installed"):
        operations.open_port(Scaler, "old")
    assert queries.connections()[0].abilities == ()


@pytest.mark.parametrize(
    "driver,ports",
    [
        ("sandbox_cloud", [Scaler]),
        ("sandbox_cdn", [Purger, Warmer]),
        ("sandbox_shop", [Storefront]),
        ("sandbox_erp", [Relay]),
    ],
)
def test_names_lists_who_can(driver: str, ports: list[type]) -> None:
    make.connection("one", driver)
    for port in (Scaler, Purger, Warmer, Storefront, Relay):
        assert queries.names(port) == (["one"] if port in ports else [])


def test_a_test_keeps_what_it_saw_and_when() -> None:
    with rude() as server:
        server.manner = manners.say(AWAKE)
        row = make.connection("cloud", base_url=server.url)
        assert operations.test(row.pk, now=make.NOW).ok
        server.manner = manners.reply(503)
        operations.test(row.pk, now=make.NOW)
    line = queries.connections()[0]
    assert (line.ok, line.at, line.ms) == (False, make.NOW, None)
    assert "answered 503" in line.note


def test_webhook_secrets_are_two_during_a_rotation() -> None:
    make.connection("shop", "sandbox_shop", webhook_secret="whsec_new whsec_old")
    assert operations.webhook_secrets("shop") == ("whsec_new", "whsec_old")


def test_the_token_we_send_signs_nothing() -> None:
    make.connection("shop", "sandbox_shop", secret="token")
    assert operations.webhook_secrets("shop") == ()


@pytest.mark.parametrize("timeout_s", [0, 11])
def test_the_database_refuses_an_unbounded_timeout(timeout_s: float) -> None:
    refused = pytest.raises(IntegrityError, match="connection_timeout_is_bounded")
    with refused, transaction.atomic():
        make.connection(timeout_s=timeout_s)
