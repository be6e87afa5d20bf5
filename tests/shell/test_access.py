"""The gatekeeper: sign in first, then have the permission."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests import make

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_the_login_page(client: Client) -> None:
    reply = client.get(reverse("shell:doctor"))
    assert reply.status_code == 302
    assert reply["Location"].startswith(reverse("account_login"))


def test_a_viewer_may_not_open_the_doctor(client: Client) -> None:
    client.force_login(make.user("viewer"))
    assert client.get(reverse("shell:doctor")).status_code == 403


def test_health_asks_for_no_login(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_demo_logins_do_not_exist_outside_the_demo(client: Client) -> None:
    make.user("operator", name="tomasz")
    reply = client.post(reverse("shell:demo_login"), {"role": "operator"})
    assert reply.status_code == 404


def test_a_demo_login_is_one_click(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    make.user("operator", name="tomasz")
    reply = client.post(reverse("shell:demo_login"), {"role": "operator"})
    assert reply.status_code == 302
    assert client.session["_auth_user_id"]


def test_a_demo_login_never_leads_away_from_the_console(
    client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    make.user("operator", name="tomasz")
    form = {"role": "operator", "next": "https://elsewhere.example/"}
    assert client.post(reverse("shell:demo_login"), form)["Location"] == "/"


def test_a_program_without_a_session_gets_401(client: Client) -> None:
    reply = client.get("/api/runbook/campaign:FS-1/")
    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")


def test_a_form_sent_after_signing_out_leads_back_to_its_page(client: Client) -> None:
    came_from = {"Referer": "http://testserver/settings/doctor/?a=1"}
    reply = client.post(reverse("account_change_password"), {}, headers=came_from)
    assert reply["Location"].endswith("?next=/settings/doctor/")


def test_a_demo_login_of_a_deactivated_person_does_not_work(
    client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    person = make.user("operator", name="tomasz")
    person.is_active = False
    person.save()
    reply = client.post(reverse("shell:demo_login"), {"role": "operator"})
    assert reply.status_code == 404


def test_people_of_one_role_each_have_their_own_button(
    client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    people = {name: make.user("approver", name=name) for name in ("lena", "ingrid")}
    page = client.get(reverse("account_login")).text
    assert page.count('name="role" value="approver"') == 1
    for said, name in (("role", "approver"), "lena"), (("person", "ingrid"), "ingrid"):
        client.post(reverse("shell:demo_login"), dict([said]))
        assert client.session["_auth_user_id"] == str(people[name].pk)
    assert client.post(reverse("shell:demo_login"), {"person": "x"}).status_code == 404
