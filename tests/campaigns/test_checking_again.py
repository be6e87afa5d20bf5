"""Who may have a suspended plan looked at again: a look may suspend it, too."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.people import tokens
from tests import make
from tests.campaigns.test_suspending import freeze

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role,may", [("auditor", False), ("viewer", True)])
def test_who_may_note_decisions_checks_again(
    client: Client, role: str, may: bool
) -> None:
    one = make.armed()
    freeze(one)
    client.force_login(make.user(role))
    page = client.get(reverse("campaigns:plan", args=[one.code])).text
    again = reverse("campaigns:recheck", args=[one.code])
    assert "ERP migration" in page
    assert (again in page) == may
    assert client.post(again).status_code == (302 if may else 403)


@pytest.mark.parametrize("scopes,status", [([], 403), (["campaigns.note"], 200)])
def test_a_token_needs_a_scope_to_check_again(
    client: Client, scopes: list[str], status: int
) -> None:
    one, owner = make.armed(), make.user("operator")
    issued = tokens.issue("t", scopes=scopes, days=1, actor=owner, now=timezone.now())
    reply = client.post(
        f"/api/v1/campaigns/{one.code}/recheck",
        headers={"authorization": f"Bearer {issued.secret}"},
    )
    assert reply.status_code == status, reply.text
