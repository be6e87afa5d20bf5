"""The pages of people, and the link by which somebody sets a password."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from tests import make

pytestmark = pytest.mark.django_db

ENTERED = {
    "username": "mara",
    "first_name": "Mara",
    "last_name": "Holt",
    "roles": ["viewer", "operator"],
}
PASSWORD = {"new_password1": "a long phrase", "new_password2": "a long phrase"}


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.user("admin", name="maren"))
    return client


def added(admin: Client) -> str:
    """The path of the link that an admin is shown."""
    page = admin.post(reverse("people:add"), ENTERED).content.decode()
    found = re.search(r'value="http://[^/]+(/account/welcome/[^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    admin: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make.user("viewer", "operator")
    with django_assert_num_queries(6):
        page = admin.get(reverse("people:list"))
    assert page.content.decode().count('id="person-') == rows + 1


def test_the_list_filters(admin: Client) -> None:
    make.user("viewer", name="tomasz")
    page = admin.get(reverse("people:list"), {"q": "toma"}).content.decode()
    assert page.count('id="person-') == 1
    page = admin.get(reverse("people:list"), {"q": "nobody"}).content.decode()
    assert "Nobody is called that" in page


@pytest.mark.parametrize("role", ["viewer", "merchandiser", "approver", "operator"])
@pytest.mark.parametrize("name", ["list", "add"])
def test_only_admins_open_them(client: Client, role: str, name: str) -> None:
    client.force_login(make.user(role))
    assert client.get(reverse(f"people:{name}")).status_code == 403


def test_a_person_sets_a_password_once_and_is_signed_in(admin: Client) -> None:
    link, mara = added(admin), Client()
    form = mara.get(link, follow=True)
    assert "Welcome, Mara" in form.content.decode()
    there = form.redirect_chain[-1][0]
    assert there.endswith("/set-password/")
    assert mara.post(there, PASSWORD).status_code == 302
    assert mara.get("/campaigns/").status_code == 200
    assert Entry.objects.get(verb="people.welcome").actor_name == "Mara Holt"
    again = Client().get(link, follow=True).content.decode()
    assert "does not work any more" in again


def test_a_password_everybody_has_is_refused(admin: Client) -> None:
    mara = Client()
    there = mara.get(added(admin), follow=True).redirect_chain[-1][0]
    weak = {"new_password1": "password", "new_password2": "password"}
    assert "too common" in mara.post(there, weak).content.decode()
    assert not User.objects.get(username="mara").has_usable_password()


def test_a_link_is_worthless_after_a_day(admin: Client) -> None:
    link = added(admin)
    with time_machine.travel(timezone.now() + timedelta(hours=26)):
        page = Client().get(link, follow=True).content.decode()
    assert "does not work any more" in page


def test_a_new_link_ends_the_sessions_and_the_old_one(admin: Client) -> None:
    old, mara = added(admin), Client()
    mara.post(mara.get(old, follow=True).redirect_chain[-1][0], PASSWORD)
    pk = User.objects.get(username="mara").pk
    assert (
        "signed out everywhere"
        in admin.get(reverse("people:invite", args=[pk])).content.decode()
    )
    page = admin.post(reverse("people:invite", args=[pk])).content.decode()
    assert "/account/welcome/" in page
    assert mara.get("/campaigns/").status_code == 302


def test_a_deactivated_person_is_out_at_once(admin: Client) -> None:
    link, mara = added(admin), Client()
    mara.post(mara.get(link, follow=True).redirect_chain[-1][0], PASSWORD)
    pk = User.objects.get(username="mara").pk
    reply = admin.post(
        reverse("people:deactivate", args=[pk]), headers={"HX-Request": "true"}
    )
    assert reply.status_code == 204
    assert "people-changed" in reply["HX-Trigger"]
    assert mara.get("/campaigns/").status_code == 302
    admin.post(reverse("people:activate", args=[pk]))
    signed_in = {"login": "mara", "password": "a long phrase"}
    assert Client().post("/account/login/", signed_in).status_code == 302


def test_a_deactivated_person_sets_no_password(admin: Client) -> None:
    link = added(admin)
    pk = User.objects.get(username="mara").pk
    admin.post(reverse("people:deactivate", args=[pk]))
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"roles": []}, "Choose at least one role."),
        ({"username": "a b"}, "Enter a valid username"),
        ({"username": ""}, "required"),
        ({"roles": ["king"]}, "Select a valid choice"),
    ],
)
def test_bad_input_is_said_at_its_field(
    admin: Client, change: dict[str, object], said: str
) -> None:
    page = admin.post(reverse("people:add"), ENTERED | change).content.decode()
    assert said in page
    assert not User.objects.filter(username="mara").exists()
