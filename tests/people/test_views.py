"""The pages of this room."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from console.people.queries import PER_PAGE
from tests import make

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ENTERED = {"username": "mara", "name": "Mara Kent", "roles": ["viewer", "approver"]}
LIST = "/settings/people/"


@pytest.fixture
def admin(client: Client) -> User:
    """An admin who is signed in."""
    person = make.user("admin", name="boss")
    client.force_login(person)
    return person


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_little_for_many_as_for_one(
    client: Client,
    admin: User,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows - 1):
        make.user("viewer", "operator")
    with django_assert_num_queries(6):
        page = client.get(LIST)
    assert page.text.count('id="person-') == rows


def test_a_row_tells_roles_state_and_last_sign_in(client: Client, admin: User) -> None:
    make.user("viewer", "operator", name="mara")
    seen = timezone.now() - timedelta(hours=2)
    User.objects.filter(username="boss").update(last_login=seen)
    page = client.get(LIST)
    assert "2 h</time> ago" in page.text
    assert "never" in page.text
    assert '<span class="tag">operator</span>' in page.text
    assert "Link not used yet" in page.text


def test_a_filter_that_finds_nobody_offers_the_way_back(
    client: Client, admin: User
) -> None:
    assert "Nobody matches" in client.get(LIST, {"q": "nobody"}).text
    assert 'id="person-' in client.get(LIST, {"q": "BOS"}).text


def test_the_list_has_pages(client: Client, admin: User) -> None:
    for _ in range(PER_PAGE):
        make.user("viewer")
    second = client.get(LIST, {"page": 2})
    assert second.text.count('id="person-') == 1
    assert 'aria-label="Previous page"' in second.text


@pytest.mark.parametrize("role", ["viewer", "merchandiser", "approver", "operator"])
def test_only_admins_come_in(client: Client, role: str) -> None:
    client.force_login(make.user(role))
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", ENTERED).status_code == 403
    assert User.objects.count() == 1


def test_a_person_comes_in_by_the_link(
    client: Client, admin: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://console.example.com"
    reply = client.post(f"{LIST}add/", ENTERED, headers=HTMX)
    assert "people-changed" in reply["HX-Trigger"]
    assert reply["Cache-Control"] == "no-store"
    link = re.findall(r'value="https://console\.example\.com([^"]+)"', reply.text)[0]

    mara = Client()
    form = mara.get(link, follow=True)
    assert link.split("/")[-2] not in form.request["PATH_INFO"]
    assert form["Referrer-Policy"] == "same-origin"
    assert "You sign in as <b>mara</b>" in form.text
    chosen = {"new_password1": "short", "new_password2": "short"}
    assert "too short" in mara.post(form.request["PATH_INFO"], chosen).text
    chosen = dict.fromkeys(chosen, "four words of mine")
    done = mara.post(form.request["PATH_INFO"], chosen, follow=True)
    assert done.redirect_chain == [(reverse("account_login"), 302)]
    assert "Password set. Sign in." in done.text
    assert "This link has ended" in Client().get(link).text
    assert mara.login(username="mara", password=chosen["new_password1"])


@pytest.mark.parametrize("key", ["MQ", "OTk5", "!", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA"])
def test_a_forged_link_says_that_it_ended(client: Client, key: str) -> None:
    assert "This link has ended" in client.get(f"/account/link/{key}/x-y/").text


@pytest.mark.parametrize("name", ["", "Mara", "ma ra", "-m", "mara\n", "ｍara"])
def test_a_user_name_is_plain(client: Client, admin: User, name: str) -> None:
    client.post(f"{LIST}add/", ENTERED | {"username": name}, headers=HTMX)
    assert User.objects.count() == (2 if name.strip() == "mara" else 1)


def test_a_person_has_a_role(client: Client, admin: User) -> None:
    page = client.post(f"{LIST}add/", ENTERED | {"roles": []}, headers=HTMX)
    assert "Choose at least one role." in page.text


def test_a_taken_name_is_refused_at_its_field(client: Client, admin: User) -> None:
    reply = client.post(f"{LIST}add/", ENTERED | {"username": "boss"}, headers=HTMX)
    assert reply.status_code == 422
    assert '"field": "username"' in reply["HX-Trigger"]


def test_edit_shows_what_is_kept_and_saves_it(client: Client, admin: User) -> None:
    mara = make.user("viewer", name="mara")
    where = f"{LIST}{mara.pk}/edit/"
    assert "Save mara" in client.get(where, headers=HTMX).text
    entered = {"name": "M K", "roles": ["operator"], "shown": ["viewer"]}
    reply = client.post(where, entered, headers=HTMX)
    assert reply.status_code == 204
    mara.refresh_from_db()
    assert mara.get_full_name() == "M K"
    assert [group.name for group in mara.groups.all()] == ["operator"]


def test_two_edits_of_a_person_are_shown_side_by_side(
    client: Client, admin: User
) -> None:
    mara = make.user("viewer", name="mara")
    page = client.get(f"{LIST}{mara.pk}/edit/", headers=HTMX).text
    assert 'name="shown" value="viewer"' in page
    entered = {"name": "M K", "roles": ["operator"], "shown": ["approver"]}
    reply = client.post(f"{LIST}{mara.pk}/edit/", entered, headers=HTMX)
    assert reply.status_code == 422
    assert reply["HX-Retarget"] == "#dialogs"
    assert "Two edits of mara" in reply.text
    assert "Somebody saved while you were editing" in reply.text
    assert [group.name for group in mara.groups.all()] == ["viewer"]
    screen = reply.context["screen"]
    assert {one.name for one in screen.differences} == {"name", "roles"}
    chosen: dict[str, object] = {name: list(v) for name, v in screen.same}
    for one in screen.differences:
        chosen |= {f"mine-{one.name}": one.mine, f"theirs-{one.name}": one.theirs}
    chosen |= {"take-name": "theirs", "take-roles": "mine", "version": screen.version}
    assert client.post(screen.action, chosen, headers=HTMX).status_code == 204
    mara.refresh_from_db()
    assert mara.get_full_name() != "M K"
    assert [group.name for group in mara.groups.all()] == ["operator"]


@pytest.mark.parametrize("act", ["deactivate", "invite"])
def test_what_ends_sessions_asks_first(client: Client, admin: User, act: str) -> None:
    mara = make.user("viewer", name="mara")
    where = f"{LIST}{mara.pk}/{act}/"
    assert "is signed out everywhere" in client.get(where).text
    assert client.post(where).status_code in {200, 302}
    mara.refresh_from_db()
    assert mara.is_active == (act == "invite")


def test_deactivated_people_come_back(client: Client, admin: User) -> None:
    mara = make.user("viewer", name="mara")
    client.post(f"{LIST}{mara.pk}/deactivate/")
    assert "Deactivated" in client.get(LIST).text
    assert "One-time link" in client.post(f"{LIST}{mara.pk}/activate/").text
    assert User.objects.get(pk=mara.pk).is_active


def test_ones_own_row_offers_nothing_that_is_refused(
    client: Client, admin: User
) -> None:
    page = client.get(LIST)
    assert f"{LIST}{admin.pk}/edit/" in page.text
    assert f"{LIST}{admin.pk}/deactivate/" not in page.text
    reply = client.post(f"{LIST}{admin.pk}/deactivate/")
    assert (reply.status_code, "Ask another admin" in reply.text) == (409, True)
