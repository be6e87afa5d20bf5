"""The permission matrix, every cell."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from console.shell import policy
from console.shell.policy import Role
from tests import make

ON_CALL = {
    "campaigns.control",
    "campaigns.freeze",
    "campaigns.note",
    "stock.edit",
    "stock.control",
    "capacity.edit",
    "runbook.act",
    "providers.test",
    "providers.view",
    "orders.control",
    "audit.view",
    "doctor.view",
}
EXPECTED = {
    Role.VIEWER: {"campaigns.note"},
    Role.MERCHANDISER: {
        "campaigns.edit",
        "campaigns.note",
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
        "campaigns.note",
        "uplift.edit",
    },
    Role.OPERATOR: ON_CALL,
    Role.COMMANDER: ON_CALL | {"campaigns.glass"},
    Role.ADMIN: set(policy.MATRIX),
    Role.AUDITOR: {"audit.view", "doctor.view", "people.view", "providers.view"},
    Role.SERVICE: {
        "campaigns.control",
        "campaigns.edit",
        "campaigns.freeze",
        "campaigns.note",
        "campaigns.submit",
        "fatigue.audience",
        "prices.edit",
        "uplift.edit",
    },
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


READS_ONLY = {"audit.view", "doctor.view", "people.view", "providers.view"}


def test_the_auditor_holds_nothing_that_changes_anything() -> None:
    """Whatever permission is added later must say here that it only reads."""
    assert policy.permissions(frozenset({Role.AUDITOR})) <= READS_ONLY
    assert {need for need in policy.MATRIX if need.endswith(".view")} == READS_ONLY


@pytest.mark.django_db
def test_a_service_is_nobody_until_a_token_limits_it() -> None:
    robot = make.user("service")
    assert not policy.may(robot, policy.LOGIN)
    policy.limit(robot, ["campaigns.edit"])
    assert policy.may(robot, "campaigns.edit")
    assert not policy.may(robot, "campaigns.submit")


@pytest.mark.django_db
def test_a_service_gains_nothing_by_another_group() -> None:
    """The forms refuse it; a row written past them opens nothing either."""
    robot = make.user("service", "admin")
    assert not policy.may(robot, "people.edit")
    policy.limit(robot, ["people.edit", "campaigns.glass", "campaigns.approve"])
    assert not any(
        policy.may(robot, need)
        for need in ("people.edit", "campaigns.glass", "campaigns.approve")
    )
