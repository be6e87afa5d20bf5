"""The permission matrix, every cell."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from console.shell import policy
from console.shell.policy import Role
from tests import make

EXPECTED = {
    Role.VIEWER: set(),
    Role.MERCHANDISER: {
        "campaigns.edit",
        "campaigns.submit",
        "fatigue.audience",
        "prices.edit",
        "stock.edit",
        "uplift.edit",
    },
    Role.APPROVER: {
        "campaigns.approve",
        "campaigns.freeze",
        "campaigns.markets",
        "campaigns.risk",
        "fatigue.audience",
        "fatigue.edit",
        "fatigue.override",
        "audit.view",
        "uplift.edit",
    },
    Role.OPERATOR: {
        "campaigns.control",
        "campaigns.freeze",
        "campaigns.glass",
        "stock.edit",
        "stock.control",
        "capacity.edit",
        "runbook.act",
        "providers.test",
        "orders.control",
        "audit.view",
        "doctor.view",
    },
    Role.ADMIN: set(policy.MATRIX),
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_exactly_what_the_matrix_says(role: Role) -> None:
    assert policy.permissions(frozenset({role})) == EXPECTED[role]


@pytest.mark.django_db
def test_a_person_without_a_role_may_open_nothing() -> None:
    assert not policy.may(make.user(), policy.LOGIN)


@pytest.mark.django_db
def test_two_roles_add_up() -> None:
    both = make.user("merchandiser", "approver")
    assert policy.may(both, "campaigns.edit")
    assert policy.may(both, "campaigns.approve")


def test_a_stranger_may_open_public_addresses_only() -> None:
    assert policy.may(AnonymousUser(), policy.PUBLIC)
    assert not policy.may(AnonymousUser(), policy.LOGIN)
