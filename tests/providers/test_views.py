"""The pages of this room."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from console.providers.models import Connection
from tests import make

pytestmark = pytest.mark.django_db

ENTERED = {
    "name": "cloud",
    "driver": "sandbox_cloud",
    "base_url": "http://127.0.0.1:4999",
    "timeout_s": "5",
    "enabled": "on",
}


def _as(client: Client, *roles: str) -> Client:
    client.force_login(make.user(*roles))
    return client


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_little_for_many_as_for_one(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _as(client, "operator")
    for _ in range(rows):
        make.connection()
    with django_assert_num_queries(4):
        page = client.get(reverse("providers:list"))
    assert page.text.count('id="connection-') == rows
    assert "Never tested" in page.text


def test_the_empty_list_teaches(client: Client) -> None:
    page = _as(client, "operator").get(reverse("providers:list"))
    assert "Connect a cloud, a CDN, a shop and an ERP" in page.text


def test_an_operator_tests_but_does_not_edit(client: Client) -> None:
    row = make.connection("cloud")
    _as(client, "operator")
    assert "Edit" not in client.get(reverse("providers:list")).text
    edit = reverse("providers:edit", args=[row.pk])
    assert client.get(edit).status_code == 403
    reply = client.post(
        reverse("providers:test", args=[row.pk]), headers={"HX-Request": "true"}
    )
    assert reply.status_code == 204
    assert "providers-changed" in reply["HX-Trigger"]
    assert "cloud does not work" in reply["HX-Trigger"]


def test_an_admin_adds_one(client: Client) -> None:
    reply = _as(client, "admin").post(reverse("providers:add"), ENTERED)
    assert reply.status_code == 302
    assert Connection.objects.get().name == "cloud"


def test_a_private_address_names_the_field(client: Client, settings: Settings) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    reply = _as(client, "admin").post(
        reverse("providers:add"), ENTERED, headers={"Accept": "application/json"}
    )
    assert reply.status_code == 422
    assert reply.json()["field"] == "base_url"
    assert "PRIVATE_HOSTS_ALLOWED" in reply.json()["message"]
    assert not Connection.objects.exists()


@pytest.mark.parametrize("options", ["[1]", '{"a": {}}', "{", '"x"'])
def test_options_must_be_a_flat_object(client: Client, options: str) -> None:
    page = _as(client, "admin").post(
        reverse("providers:add"), ENTERED | {"options": options}
    )
    assert page.status_code == 200
    assert not Connection.objects.exists()
