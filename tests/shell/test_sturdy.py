"""Signing in goes on while Redis is away; its limits hold for each process."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_redis(settings: Settings) -> None:
    away = {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {name: at | away for name, at in settings.CACHES.items()}
    cache.clear()


def _sign_in(client: Client, password: str) -> int:
    form = {"login": "eve", "password": password}
    return client.post("/account/login/", form).status_code


def test_signing_in_works_without_redis(client: Client) -> None:
    User.objects.create_user("eve", password=PASSWORD)
    assert client.get("/account/login/").status_code == 200
    assert _sign_in(client, PASSWORD) == 302
    assert client.session["_auth_user_id"]


def test_guessing_is_limited_without_redis(client: Client) -> None:
    User.objects.create_user("eve", password=PASSWORD)
    for n in range(12):
        _sign_in(client, f"guess {n}")
    assert _sign_in(client, PASSWORD) != 302
