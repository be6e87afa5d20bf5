"""Personal tokens: shown once, kept as a hash, limited, ended."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.people import operations as people
from console.people import tokens
from console.people.models import PersonalToken
from console.people.rules import ScopeNotHeld, TokenNameTaken, TokenTooLong
from console.shell import policy
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/api/v1/campaigns"


def issue(owner: User, *scopes: str, days: int = 30, name: str = "erp") -> str:
    now = timezone.now()
    return tokens.issue(name, scopes=scopes, days=days, actor=owner, now=now).secret


def call(client: Client, secret: str, path: str = LIST, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    if body:
        kind = "application/json"
        return client.post(path, body["json"], content_type=kind, headers=headers)
    return client.get(path, headers=headers)


@pytest.fixture
def owner() -> User:
    return make.user("merchandiser", name="aino")


def test_only_the_hash_of_a_secret_is_kept(owner: User) -> None:
    secret = issue(owner)
    row = PersonalToken.objects.values().get()
    assert secret not in str(row)
    assert bytes(row["hash"]) == tokens.digest(secret)
    assert secret not in str(list(Entry.objects.values()))


def test_a_token_reads_and_its_use_is_noted(client: Client, owner: User) -> None:
    assert call(client, issue(owner)).status_code == 200
    assert PersonalToken.objects.get().last_used_at is not None


def test_a_wrong_token_is_refused_as_a_problem(client: Client) -> None:
    reply = call(client, "dbp_guessed")
    assert (reply.status_code, reply.json()["code"]) == (401, "token_unknown")
    assert reply["Content-Type"] == "application/problem+json"
    assert reply["WWW-Authenticate"] == "Bearer"


def test_another_kind_of_header_is_refused(client: Client) -> None:
    reply = client.get(LIST, headers={"Authorization": "Basic YTpi"})
    assert reply.json()["code"] == "token_missing"


def test_a_revoked_token_ends_at_once(client: Client, owner: User) -> None:
    secret = issue(owner)
    token = PersonalToken.objects.get()
    tokens.revoke(token.pk, actor=owner, now=timezone.now())
    assert call(client, secret).json()["code"] == "token_unknown"


def test_an_expired_token_says_so(client: Client, owner: User) -> None:
    secret = issue(owner)
    gone = timezone.now() - timedelta(days=40)
    PersonalToken.objects.update(created_at=gone, expires_at=gone + timedelta(days=1))
    assert call(client, secret).json()["code"] == "token_expired"


def test_a_new_link_ends_the_tokens_too(client: Client, owner: User) -> None:
    secret = issue(owner)
    people.invite(owner.pk, actor=make.user("admin"), now=timezone.now())
    assert call(client, secret).status_code == 401


def test_a_deactivated_owner_is_a_stranger(client: Client, owner: User) -> None:
    secret = issue(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert call(client, secret).status_code == 401


@pytest.mark.parametrize("days", [0, 367])
def test_a_token_must_end_within_a_year(owner: User, days: int) -> None:
    with pytest.raises(TokenTooLong):
        issue(owner, days=days)


def test_the_database_refuses_a_token_that_outlives_a_year(owner: User) -> None:
    issue(owner)
    late = timezone.now() + timedelta(days=400)
    with pytest.raises(IntegrityError, match="token_lasts_a_year_at_most"):
        PersonalToken.objects.update(expires_at=late)


def test_nobody_gives_a_scope_they_do_not_hold(owner: User) -> None:
    with pytest.raises(ScopeNotHeld):
        issue(owner, "campaigns.approve")


def test_two_tokens_of_one_name_could_not_be_told_apart(owner: User) -> None:
    issue(owner)
    with pytest.raises(TokenNameTaken):
        issue(owner)


CALLS = {
    "campaigns.edit": "/api/v1/campaigns/none/duplicate",
    "campaigns.submit": "/api/v1/campaigns/none/submit",
    "campaigns.approve": "/api/v1/campaigns/none/arm",
    "campaigns.control": "/api/v1/campaigns/none/resume",
    "campaigns.freeze": "/api/v1/freezes/0/lift",
    "fatigue.edit": "/api/v1/fatigue/start",
    "prices.edit": "/api/v1/prices/conflicts/0/keep",
}


@pytest.mark.parametrize("role", policy.Role)
@pytest.mark.parametrize("scope", [*CALLS, None])
def test_a_token_may_what_its_scopes_and_the_roles_both_allow(
    client: Client, role: policy.Role, scope: str | None
) -> None:
    """Scopes are written past the operation, as they stood before a role was lost."""
    owner = make.user(role)
    secret = issue(owner)
    PersonalToken.objects.update(scopes=[scope] if scope else [])
    for need, path in CALLS.items():
        reply = call(client, secret, path, json={})
        allowed = need == scope and role in policy.MATRIX[need]
        assert (reply.status_code != 403) is allowed, (need, reply.content)


def test_a_scope_that_is_missing_is_named(client: Client, owner: User) -> None:
    reply = call(client, issue(owner), CALLS["campaigns.submit"], json={})
    assert reply.json()["code"] == "scope_missing"
    assert "campaigns.submit" in reply.json()["detail"]


def test_a_token_opens_no_page(client: Client, owner: User) -> None:
    secret = issue(owner)
    assert call(client, secret, reverse("campaigns:list")).status_code == 302


def test_the_page_shows_a_new_secret_once(client: Client, owner: User) -> None:
    client.force_login(owner)
    page = reverse("people:tokens")
    form = {"name": "erp", "days": "30", "scopes": ["campaigns.edit"]}
    reply = client.post(page, form)
    found = re.search(r'value="(dbp_[^"]+)"', reply.content.decode())
    assert found and call(Client(), found[1]).status_code == 200
    assert reply["Cache-Control"] == "no-store"
    assert found[1] not in client.get(page).content.decode()


def test_the_page_offers_only_scopes_one_holds(client: Client, owner: User) -> None:
    client.force_login(owner)
    page = client.get(reverse("people:tokens")).content.decode()
    assert "campaigns.edit" in page
    assert "campaigns.approve" not in page


def test_a_token_is_revoked_by_its_page(client: Client, owner: User) -> None:
    secret = issue(owner)
    client.force_login(owner)
    there = reverse("people:revoke", args=[PersonalToken.objects.get().pk])
    assert client.get(there).status_code == 200
    client.post(there)
    assert call(Client(), secret).status_code == 401


def test_nobody_revokes_the_token_of_another(client: Client, owner: User) -> None:
    issue(owner)
    client.force_login(make.user("admin"))
    there = reverse("people:revoke", args=[PersonalToken.objects.get().pk])
    assert client.post(there).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_little_for_many_as_for_one(
    client: Client,
    owner: User,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        issue(owner, name=f"token {number}")
    client.force_login(owner)
    with django_assert_num_queries(4):
        client.get(reverse("people:tokens"))
