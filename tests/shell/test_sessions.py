"""Sessions end when they should, and sign-in counts tries by who tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from console.shell import tasks
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_tries_before() -> None:
    cache.clear()


@pytest.fixture
def eve() -> User:
    """Somebody with a password."""
    person = make.user("viewer", name="eve")
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client: Client, password: str = PASSWORD, *, remember: bool = True) -> int:
    form = {"login": "eve", "password": password}
    form |= {"remember": "on"} if remember else {}
    return client.post(reverse("account_login"), form).status_code


def is_in(client: Client) -> bool:
    return client.get(reverse("campaigns:list")).status_code == 200


@pytest.mark.parametrize("remember", [True, False])
def test_a_session_lasts_twelve_hours_however_busy(eve: User, remember: bool) -> None:
    client = Client()
    assert sign_in(client, remember=remember) == 302
    ends_at = Session.objects.get().expire_date
    left = ends_at - timezone.now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert is_in(client)
    assert Session.objects.get().expire_date == ends_at
    Session.objects.update(expire_date=timezone.now())
    assert not is_in(client)


def test_sessions_that_ended_leave_the_table(eve: User) -> None:
    sign_in(Client())
    tasks.clear_sessions()
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.clear_sessions()
    assert not Session.objects.exists()


def test_the_cookie_ends_with_the_browser_unless_wanted(eve: User) -> None:
    client = Client()
    sign_in(client, remember=False)
    assert client.cookies["doorbuster-session"]["max-age"] == ""


def test_a_new_password_ends_the_other_sessions(eve: User) -> None:
    here, elsewhere = Client(), Client()
    assert sign_in(here) == sign_in(elsewhere) == 302
    form = {"oldpassword": PASSWORD, "password1": "four new words of mine"}
    form["password2"] = form["password1"]
    assert here.post(reverse("account_change_password"), form).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_signing_in_takes_a_new_session_key(eve: User) -> None:
    client = Client()
    client.force_login(make.user("viewer"))
    before = client.session.session_key
    client.post(reverse("account_logout"))
    sign_in(client)
    assert client.session.session_key != before


def test_guessing_one_account_is_limited_from_many_places(eve: User) -> None:
    for n in range(6):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{n}"), "a wrong guess")
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")) != 302


def test_too_many_tries_from_one_place_are_told_to_wait(eve: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    told = [sign_in(client, f"guess {n}") for n in range(35)]
    assert told[-1] == 429
    assert "Wait five minutes" in client.post(reverse("account_login")).text


def test_behind_a_proxy_one_who_guesses_locks_nobody_else_out(
    eve: User, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(35):
        far = f"203.0.113.{n}, 192.0.2.1"  # the first part is what the client claims
        form = {"login": f"somebody{n}", "password": "a guess"}
        Client().post(reverse("account_login"), form, headers={"X-Forwarded-For": far})
    guesser = {"X-Forwarded-For": "203.0.113.99, 192.0.2.1"}
    form = {"login": "eve", "password": PASSWORD}
    assert (
        Client().post(reverse("account_login"), form, headers=guesser).status_code
        == 429
    )
    other = {"X-Forwarded-For": "198.51.100.7"}
    assert (
        Client().post(reverse("account_login"), form, headers=other).status_code == 302
    )
