"""The canary: a secret that went in is found nowhere afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from console.audit.models import Entry
from console.errors import OutsideFailure
from console.providers import operations
from console.providers.models import Connection
from console.providers.ports import Scaler
from tests import make
from tests.providers import rude as manners
from tests.providers.rude import Rude, rude

CANARY = "canary/7d1f+do-not-print"


@pytest.fixture
def echoing() -> Iterator[Rude]:
    """A server that repeats what it was sent, secrets included."""
    with rude() as server:
        server.manner = manners.echo
        yield server


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.user("admin"))
    return client


def _entered(server: Rude) -> dict[str, object]:
    return {
        "name": "cloud",
        "driver": "sandbox_cloud",
        "base_url": server.url,
        "secret": CANARY,
        "webhook_secret": CANARY,
        "timeout_s": "1",
        "options": "{}",
        "enabled": "on",
    }


@pytest.mark.django_db
def test_a_secret_is_in_no_page_log_error_trail_or_table(
    admin: Client, echoing: Rude, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        seen.append(admin.post(reverse("providers:add"), _entered(echoing)).text)
        row = Connection.objects.get(name="cloud")
        with pytest.raises(OutsideFailure) as caught:
            operations.open_port(Scaler, "cloud").read("web")
        seen += [caught.value.message, repr(caught.value)]
        admin.post(reverse("providers:test", args=[row.pk]))
        seen.append(admin.get(reverse("providers:list")).text)
        seen.append(admin.get(reverse("providers:edit", args=[row.pk])).text)
        seen.append(repr(operations.open_driver(row).__dict__))
    seen += [caplog.text, repr(logs), _tables()]
    seen.append(serializers.serialize("json", Connection.objects.all()))
    assert CANARY.encode() in echoing.seen[0], "the secret was sent, so this proves it"
    assert "•••" in caught.value.message
    assert not [text for text in seen if CANARY in text]


def _tables() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in (Connection._meta.db_table, Entry._meta.db_table):
            cursor.execute(f"select {table}::text from {table}")
            found += [row[0] for row in cursor.fetchall()]
    assert found
    return "\n".join(found)


@pytest.mark.django_db
def test_a_form_that_is_refused_does_not_repeat_the_secret(
    admin: Client, echoing: Rude
) -> None:
    wrong = _entered(echoing) | {"timeout_s": "99"}
    assert CANARY not in admin.post(reverse("providers:add"), wrong).text


@pytest.mark.django_db
def test_an_empty_secret_keeps_the_one_that_is_set(
    admin: Client, echoing: Rude
) -> None:
    row = make.connection("cloud", secret=CANARY)
    url = reverse("providers:edit", args=[row.pk])
    admin.post(url, _entered(echoing) | {"secret": "", "timeout_s": "2"})
    row = Connection.objects.get()
    assert (row.secret, row.timeout_s) == (CANARY, 2)
