"""Secrets at rest: sealed, bound to their row, rotated, never written in plain."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from console.providers import crypto, operations
from console.providers.crypto import SecretUnreadable, seal, unseal
from console.providers.models import Connection
from tests import make

CANARY = "canary-7d1f-do-not-print"
OLD, NEW = b"o" * 32, b"n" * 32


def _column(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select secret from providers_connection where name = %s", [name]
        )
        return str(cursor.fetchone()[0])


def test_sealed_text_opens_only_where_it_was_sealed() -> None:
    sealed = seal(CANARY, bound_to="a")
    assert CANARY not in sealed
    assert unseal(sealed, bound_to="a") == CANARY
    with pytest.raises(SecretUnreadable):
        unseal(sealed, bound_to="b")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert seal(CANARY, bound_to="a") != seal(CANARY, bound_to="a")


@pytest.mark.parametrize("spoilt", ["v1.x.y", "nonsense", "v1.00000000.AAAA"])
def test_nonsense_is_refused(spoilt: str) -> None:
    with pytest.raises(SecretUnreadable, match="Enter it again"):
        unseal(spoilt, bound_to="a")


def test_a_changed_byte_is_refused() -> None:
    sealed = seal(CANARY, bound_to="a")
    other = "A" if sealed[-20] != "A" else "B"
    with pytest.raises(SecretUnreadable):
        unseal(sealed[:-20] + other + sealed[-19:], bound_to="a")


@pytest.mark.django_db
def test_the_database_holds_no_plain_text() -> None:
    row = make.connection("cloud", secret=CANARY)
    assert CANARY not in _column("cloud")
    assert Connection.objects.get(pk=row.pk).secret == CANARY
    assert row.secret == CANARY


@pytest.mark.django_db
def test_a_dump_leaves_secrets_out() -> None:
    make.connection("cloud", secret=CANARY, webhook_secret=CANARY)
    dump = serializers.serialize("json", Connection.objects.all())
    assert CANARY not in dump
    Connection.objects.all().delete()
    for restored in serializers.deserialize("json", dump):
        restored.save()
    assert Connection.objects.get().secret == ""


@pytest.mark.django_db
def test_a_swapped_ciphertext_is_refused() -> None:
    make.connection("cloud", secret=CANARY)
    make.connection("shop", secret="other")
    with connection.cursor() as cursor:
        cursor.execute(
            "update providers_connection set secret = %s where name = 'shop'",
            [_column("cloud")],
        )
    with pytest.raises(SecretUnreadable):
        _ = Connection.objects.get(name="shop").secret


@pytest.mark.django_db
def test_a_ciphertext_moved_to_the_other_column_is_refused() -> None:
    make.connection("cloud", secret=CANARY)
    with connection.cursor() as cursor:
        cursor.execute("update providers_connection set webhook_secret = secret")
    with pytest.raises(SecretUnreadable):
        _ = Connection.objects.get().webhook_secret


@pytest.mark.django_db
def test_plain_text_cannot_reach_the_column_by_another_road() -> None:
    make.connection("cloud")
    with pytest.raises(TypeError, match="saving its row"), transaction.atomic():
        Connection.objects.update(secret=CANARY)
    refused = pytest.raises(IntegrityError, match="connection_secret_is_sealed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update providers_connection set secret = %s", [CANARY])


@pytest.mark.django_db
def test_rotation_seals_every_row_under_the_newest_key(settings: Settings) -> None:
    settings.SECRET_KEYS_AT_REST = [OLD]
    for number in range(20):
        make.connection(f"c{number}", secret=f"{CANARY}{number}")
    settings.SECRET_KEYS_AT_REST = [NEW, OLD]
    assert Connection.objects.get(name="c7").secret == f"{CANARY}7"
    call_command("reseal", stdout=StringIO())
    settings.SECRET_KEYS_AT_REST = [NEW]
    assert Connection.objects.get(name="c7").secret == f"{CANARY}7"
    assert {crypto.key_id(NEW)} == {_column(f"c{n}").split(".")[1] for n in range(20)}


@pytest.mark.django_db
def test_a_lost_key_is_said_in_words(settings: Settings) -> None:
    settings.SECRET_KEYS_AT_REST = [OLD]
    row = make.connection("cloud", secret=CANARY)
    settings.SECRET_KEYS_AT_REST = [NEW]
    probe = operations.test(row.pk, now=make.NOW)
    assert not probe.ok
    assert "Enter it again" in probe.note
