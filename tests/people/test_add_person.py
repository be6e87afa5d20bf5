"""`manage.py add_person`: the way to the first admin."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from console.audit.models import Entry

pytestmark = pytest.mark.django_db


def add(*words: str) -> str:
    out = StringIO()
    call_command("add_person", *words, stdout=out)
    return out.getvalue()


def test_it_prints_a_link_that_works(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://testserver"
    link = add("mara", "--role", "admin", "--role", "viewer").splitlines()[0]
    assert "You sign in as <b>mara</b>" in client.get(link, follow=True).text
    assert Entry.objects.get().after["roles"] == ["viewer", "admin"]


@pytest.mark.parametrize(
    "words", [("Ma ra", "--role", "admin"), ("mara", "--role", "king"), ("mara",)]
)
def test_it_takes_what_the_page_takes(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        add(*words)
    assert not User.objects.exists()


def test_a_taken_name_is_said(client: Client) -> None:
    add("mara", "--role", "viewer")
    with pytest.raises(CommandError, match="already signs in as mara"):
        add("mara", "--role", "admin")
